// Keeps a source's slider and its number in step, and the shares true while they move. Without it the numbers do.
"use strict";

const form = document.querySelector(".mix-form");
const merge = form.querySelector("[name='mix-merge']");
const rows = [...form.querySelectorAll(".mix-row")];
const COUNTS = { calibrated: "weight", reciprocal_rank: "weight", sampling: "weight", quotas: "quota" };
const part = (row, name) => row.querySelector(`[name='${row.dataset.source}-${name}']`);
const isOn = (row) => part(row, "on").checked;
const drops = (row) => part(row, "drop_calibration")?.checked ?? false;

function strength(row) {
  if (!isOn(row)) return 0;
  if (merge.value === "calibrated" && "learned" in row.dataset && !drops(row)) return null;
  const counts = COUNTS[merge.value];
  return counts ? Math.max(Number(part(row, counts).value) || 0, 0) : 1;
}

function showShares() {
  const strengths = rows.map(strength);
  const whole = strengths.reduce((sum, one) => sum + (one ?? 0), 0);
  rows.forEach((row, place) => {
    const one = strengths[place];
    const share = one && whole ? (100 * one) / whole : 0;
    row.querySelector(".mix-share .mix-bar").setAttribute("width", `${share}%`);
    row.querySelector(".mix-share output").textContent = one === null ? "learned" : `${share.toFixed(1)} %`;
    row.classList.toggle("mix-off", !isOn(row));
    row.classList.toggle("mix-drops", drops(row));
  });
  form.dataset.merge = merge.value;
}

for (const row of rows) {
  const slider = row.querySelector(".mix-slider");
  const number = part(row, "weight");
  slider.hidden = false;
  slider.addEventListener("input", () => {
    number.value = slider.value;
    // Whoever moves a source's weight wants the source.
    part(row, "on").checked = true;
  });
  number.addEventListener("input", () => { slider.value = number.value; });
}
form.addEventListener("input", showShares);
form.addEventListener("change", showShares);
showShares();

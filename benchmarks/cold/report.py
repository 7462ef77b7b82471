"""The page of a cold-start run, with the chart: how many events until as good as a warm user."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt

from benchmarks.cold.comparing import METRIC, OF_WARM
from benchmarks.datasets import DataSet
from benchmarks.figures import Figure

_COLD, _SURVEYED, _WARM, _GRAY = "#1d5fd1", "#0f7a4d", "#06393c", "#7d8a87"
_PROTOCOL = """A tenth of the people with 20 events or more, one tenth after the other, is left out of training
entirely. The first half of what each of them did, in order of time, is shown bit by bit; what they liked in the second
half is to be found. Nothing of the first half competes in any case, shown or not, so that all cases answer the same
question. The survey is answered as the first half says: three to five interests whose items the person likes beyond
chance. `user-survey-adaptive-8` and `user-survey-in-order-8`: eight interests, one after the other, to which the person
says yes or no; without a number, five. `user-warm`: the same people, when training knows the first half. `item-new`:
all users ranked for an item that training never saw. ± is the standard error over people; a share of warm compares the
same people."""


def write_report(figures: Sequence[Figure], data: DataSet, folder: Path) -> None:
    """Writes index.md and events.png."""
    folder.mkdir(parents=True, exist_ok=True)
    means = [figure for figure in figures if figure.metric == METRIC]
    shares = {figure.case: figure for figure in figures if figure.metric == OF_WARM}
    values = {figure.case: figure.value for figure in means}
    _chart(values, folder / "events.png")
    lines = [
        f"| {f.case} | {_estimate(f, 4)} | {f.ratio or 0:.2f} | {_estimate(shares.get(f.case), 3)} | {f.n:,} |"
        for f in means
    ]
    blocks = [
        f"# {data.name}: cold start",
        _PROTOCOL,
        "| case | recall@100 | ÷ popularity (items: ÷ chance) | ÷ warm | n |\n|---|---|---|---|---|\n"
        + "\n".join(lines),
        "![How many events until as good as a warm user](events.png)",
    ]
    (folder / "index.md").write_text("\n\n".join(blocks) + "\n")


def _estimate(figure: Figure | None, digits: int) -> str:
    if figure is None:
        return ""
    error = "" if figure.standard_error is None else f" ± {figure.standard_error:.{digits}f}"
    return f"{figure.value:.{digits}f}{error}"


def _chart(values: Mapping[str, float], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(8.4, 4.8), layout="constrained")
    for start, label, color in (
        ("user-after-", "no survey", _COLD),
        ("user-survey-after-", "after the survey", _SURVEYED),
    ):
        points = {
            int(case.removeprefix(start)): value for case, value in values.items() if case.startswith(start)
        }
        if start.startswith("user-survey"):
            points[0] = values["user-survey"]
        events = sorted(points)
        axes.plot(events, [points[n] for n in events], marker="o", color=color, label=label, linewidth=2.2)
    for case, style in (("user-warm", "-"), ("demographic-popularity", "--"), ("popularity", ":")):
        color = _WARM if case == "user-warm" else _GRAY
        axes.axhline(values[case], linestyle=style, color=color, linewidth=1.6, label=case)
    axes.axhline(
        0.85 * values["user-warm"], color=_WARM, linestyle=(0, (1, 3)), linewidth=1.2, label="85 % of warm"
    )
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks([0, 1, 3, 5, 10, 50], ["0", "1", "3", "5", "10", "50"])
    axes.set_xlim(left=-0.2)
    axes.set_xlabel("events of the new user")
    axes.set_ylabel("Recall@100")
    axes.set_ylim(bottom=0)
    axes.set_title("How many events until as good as a warm user", loc="left", fontsize=11)
    axes.grid(axis="y", color="#dde5e2")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    figure.savefig(path, dpi=130)
    plt.close(figure)

"""A model version's report as its page shows it: the training curve, how long each step took, gates and sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.models import ModelVersion
from retrieval.offline.pipeline import STEPS

# The picture in its own units; it is drawn as wide as there is room.
WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 20, 26, 36
_GRID_LINES = 4
_BYTES_PER_STEP = 1024


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the picture with what is written there."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Validation recall by pass. points: for an SVG polyline; best: the pass that was kept; levels: the lines of the
    grid; passes: labels below."""

    points: str
    best: Mark
    levels: Sequence[Mark]
    passes: Sequence[Mark]
    summary: str


@dataclass(frozen=True, slots=True)
class Duration:
    """width: of the bar, 0 to 100, against the longest step."""

    step: str
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class GateLine:
    name: str
    passed: bool
    value: str
    demand: str


@dataclass(frozen=True, slots=True)
class VersionReport:
    """Whatever the version's report has so far; a part that is not there yet is empty."""

    curve: Curve | None
    durations: Sequence[Duration]
    total: str
    gates: Sequence[GateLine]
    sizes: Sequence[tuple[str, str]]
    error: str

    def __bool__(self) -> bool:
        return bool(self.curve or self.durations or self.gates or self.sizes or self.error)


def version_report(version: ModelVersion) -> VersionReport:
    report = version.report
    seconds = {step: float(report[step]["seconds"]) for step in STEPS if "seconds" in _part(report, step)}
    return VersionReport(
        curve=training_curve(_part(report, "training").get("validation_recall") or []),
        durations=_durations(seconds),
        total=_span(sum(seconds.values())) if seconds else "",
        gates=[_gate(gate) for gate in _part(report, "evaluating").get("gates", [])],
        sizes=list(_sizes(report)),
        error=version.error,
    )


def picture_context(version: ModelVersion) -> dict[str, Any]:
    """What the page's template needs: the report, and the measures of its picture."""
    return {
        "report": version_report(version),
        "width": WIDTH,
        "height": HEIGHT,
        "right": WIDTH - _RIGHT,
        "middle": (WIDTH + _LEFT - _RIGHT) // 2,
    }


def training_curve(recalls: Sequence[float]) -> Curve | None:
    """None where nothing was validated. The scale begins at 0 and ends at a round number above the best."""
    if not recalls:
        return None
    top = _round_above(max(recalls))
    across, down = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(index: int) -> float:
        return round(_LEFT + across * (index / (len(recalls) - 1) if len(recalls) > 1 else 0.5), 1)

    def y(value: float) -> float:
        return round(_TOP + down * (1 - value / top), 1)

    best = max(range(len(recalls)), key=lambda index: recalls[index])
    stride = -(-len(recalls) // 10)
    return Curve(
        points=" ".join(f"{x(index)},{y(value)}" for index, value in enumerate(recalls)),
        best=Mark(x(best), y(recalls[best]), f"{recalls[best]:.3f}"),
        levels=[
            Mark(_LEFT, y(top * line / _GRID_LINES), f"{top * line / _GRID_LINES:.3g}")
            for line in range(_GRID_LINES + 1)
        ],
        passes=[
            Mark(x(index), HEIGHT - _BOTTOM + 16, str(index + 1)) for index in range(0, len(recalls), stride)
        ],
        summary=f"Recall on held-out events after each of {len(recalls)} passes; the best, {recalls[best]:.3f}, "
        f"after pass {best + 1}, was kept.",
    )


def _round_above(value: float) -> float:
    """The least of 0.04, 0.08, 0.12 … that leaves room above the value, so that the grid's four levels are round."""
    return max(0.04, (int(value * 1.05 / 0.04) + 1) * 0.04)


def _durations(seconds: Mapping[str, float]) -> list[Duration]:
    longest = max(seconds.values(), default=0.0) or 1.0
    return [Duration(step, _span(s), round(100 * s / longest, 1)) for step, s in seconds.items()]


def _gate(gate: Mapping[str, Any]) -> GateLine:
    value = gate.get("value")
    text = "–" if value is None else (f"{value:,}" if isinstance(value, int) else f"{value:.5g}")
    return GateLine(str(gate.get("name", "")), bool(gate.get("passed")), text, str(gate.get("demand", "")))


def _sizes(report: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    files: Mapping[str, Any] = _part(report, "snapshot").get("files", {})
    lines = [
        (f"{name} in the snapshot", f"{facts['rows']:,} ({_bytes(facts['bytes'])})")
        for name, facts in files.items()
    ]
    wanted = (
        ("training", "events", "events learned from, one per user and item"),
        ("training", "examples_per_second", "events per second in training"),
        ("embedding", "trained", "items placed by what was learned"),
        ("embedding", "from_content", "items placed by their content"),
        ("indexing", "rows", "vectors in the index"),
        ("indexing", "dim", "dimensions"),
    )
    lines += [
        (text, f"{_part(report, step)[key]:,}") for step, key, text in wanted if key in _part(report, step)
    ]
    warm = _part(report, "warming")
    return [
        *lines,
        *([("median search once warm", f"{warm['median_ms']} ms")] if "median_ms" in warm else []),
    ]


def _part(report: Mapping[str, Any], step: str) -> Mapping[str, Any]:
    part = report.get(step)
    return part if isinstance(part, dict) else {}


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _bytes(count: float) -> str:
    for unit in ("B", "KB", "MB"):
        if count < _BYTES_PER_STEP:
            return f"{count:.0f} {unit}"
        count /= _BYTES_PER_STEP
    return f"{count:.1f} GB"

"""How well a version is searched, as its page shows it: recall against latency by effort, and what was sampled live."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Min, Sum

from retrieval.models import LiveRecall, ModelVersion
from retrieval.search_tuning import Curve, Point, Tuning

WIDTH, HEIGHT = 720, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 34, 44
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_LEVELS = 5
# Of a version's report: when somebody last asked for a measurement.
ASKED = "search_tuning_asked"
_PATIENCE = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    text: str
    kind: str = ""  # recommended, present


@dataclass(frozen=True, slots=True)
class Line:
    engine: str
    points: str  # for an SVG polyline
    marks: Sequence[Mark]
    number: int


@dataclass(frozen=True, slots=True)
class Picture:
    lines: Sequence[Line]
    levels: Sequence[Mark]
    steps: Sequence[Mark]
    target_y: float
    summary: str


@dataclass(frozen=True, slots=True)
class Row:
    engine: str
    point: Point
    recommended: bool
    present: bool


def picture(tuning: Tuning) -> Picture | None:
    """Of milliseconds (to the right, by powers) and recall; None where nothing was measured."""
    points = [point for curve in tuning.curves for point in curve.points]
    if not points:
        return None
    left, right = _between([max(point.p50_ms, 0.01) for point in points])
    floor = math.floor(20 * min([tuning.target, 0.95, *(point.recall for point in points)]) - 0.01) / 20

    def x(ms: float) -> float:
        share = math.log(max(ms, left) / left) / math.log(right / left)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * share, 1)

    def y(recall: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - recall) / (1 - floor), 1)

    def line(number: int, curve: Curve) -> Line:
        marks = [
            Mark(x(point.p50_ms), y(point.recall), str(point.ef_search), _kind(tuning, curve.engine, point))
            for point in curve.points
        ]
        return Line(curve.engine, " ".join(f"{mark.x},{mark.y}" for mark in marks), marks, number)

    levels = [floor + (1 - floor) * step / _LEVELS for step in range(_LEVELS + 1)]
    return Picture(
        lines=[line(number, curve) for number, curve in enumerate(tuning.curves)],
        levels=[Mark(_LEFT, y(level), f"{level:.2f}") for level in levels],
        steps=[Mark(x(ms), HEIGHT - _BOTTOM + 18, f"{ms:g}") for ms in _STEPS if left <= ms <= right],
        target_y=y(tuning.target),
        summary=f"Recall@{tuning.k} by the median milliseconds of a search, at each ef_search.",
    )


def rows(tuning: Tuning) -> list[Row]:
    best = tuning.recommended()
    return [
        Row(curve.engine, point, (curve.engine, point) == best, point.ef_search == tuning.present_ef)
        for curve in tuning.curves
        for point in curve.points
    ]


def advice(tuning: Tuning) -> str:
    """What to ask for, beside what the mix asks for now."""
    present = "; ".join(
        f"{curve.engine} {point.recall:.3f} in {point.p50_ms:.2f} ms"
        for curve in tuning.curves
        for point in curve.points
        if point.ef_search == tuning.present_ef
    )
    now = f" The published mix asks for {tuning.present_ef}: {present}." if present else ""
    best = tuning.recommended()
    if best is None:
        return f"Nothing reaches a recall of {tuning.target:g}.{now}"
    engine, point = best
    return (
        f"For a recall of {tuning.target:g}: ef_search {point.ef_search} with {engine}, {point.recall:.3f} in "
        f"{point.p50_ms:.2f} ms.{now}"
    )


def sampled(version: ModelVersion, now: dt.datetime) -> list[dict[str, Any]]:
    """What searches of the last 24 hours found, by engine and effort."""
    lately = LiveRecall.objects.filter(version=version, hour__gt=now - dt.timedelta(hours=25))
    sums = lately.values("engine", "ef_search").annotate(
        n=Sum("samples"), found=Sum("hits"), wanted=Sum("expected"), lowest=Min("least"), spent=Sum(F("ms"))
    )
    return [
        {**one, "recall": one["found"] / max(one["wanted"], 1), "mean_ms": one["spent"] / one["n"]}
        for one in sums.order_by("engine", "ef_search")
    ]


def waiting(version: ModelVersion, tuning: Tuning | None, now: dt.datetime) -> bool:
    """Whether one was asked for, and neither came nor is overdue."""
    asked = version.report.get(ASKED)
    if not asked or now - dt.datetime.fromisoformat(asked) > _PATIENCE:
        return False
    return tuning is None or dt.datetime.fromisoformat(tuning.at) < dt.datetime.fromisoformat(asked)


def _kind(tuning: Tuning, engine: str, point: Point) -> str:
    if tuning.recommended() == (engine, point):
        return "recommended"
    return "present" if point.ef_search == tuning.present_ef else ""


def _between(values: Sequence[float]) -> tuple[float, float]:
    """The two of `_STEPS` that hold them all."""
    left = max([step for step in _STEPS if step <= min(values)], default=_STEPS[0])
    right = min([step for step in _STEPS if step >= max(values) and step > left], default=_STEPS[-1])
    return left, right

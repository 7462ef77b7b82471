"""A read-out as its page shows it: lines of text, and intervals as lines of an SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Guardrail
from experiments.readout import GuardLine, MetricLine, ReadOut

WIDTH = 720
_SIDE, _TOP, _ROW, _BOTTOM = 40, 16, 60, 34
_FURTHEST = 5
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_RELATIVE = (Guardrail.Metric.LATENCY, Guardrail.Metric.COVERAGE)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table; texts, "–" where nothing may be said."""

    title: str
    definition: str
    arm: str
    control: str
    treatment: str
    difference: str
    interval: str
    p: str
    verdict: str  # better, worse, or "": not decided
    since: str  # the planned look that decided
    reduction: str


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    y: int
    low: float
    mid: float
    high: float
    verdict: str


@dataclass(frozen=True, slots=True)
class Picture:
    """ticks: (x, text) in percent of the control."""

    width: int
    height: int
    zero: float
    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, str]]
    summary: str


@dataclass(frozen=True, slots=True)
class Guard:
    title: str
    arm: str
    control: str
    treatment: str
    worse: str
    limit: str
    broken: bool


def lines(found: ReadOut) -> list[Line]:
    return [_line(one) for one in found.metrics]


def guards(found: ReadOut) -> list[Guard]:
    return [_guard(one) for one in found.guards]


def picture(found: ReadOut) -> Picture | None:
    """The differences in percent of the control; None where there is nothing to draw."""
    drawn = [(one, shares) for one in found.metrics if (shares := _shares(one)) is not None]
    if not drawn:
        return None
    # An interval that is far wider than the others must not press them together.
    ends = sorted(max(abs(low), abs(high)) for _, (low, _, high) in drawn)
    widest = min(ends[-1], _FURTHEST * ends[len(ends) // 2])
    reach = next((step for step in _STEPS if step >= 100 * widest), _STEPS[-1])

    def x(share: float) -> float:
        inside = max(-1.0, min(1.0, 100 * share / reach))
        return round(_SIDE + (WIDTH - 2 * _SIDE) * (inside + 1) / 2, 1)

    bars = []
    for place, (one, (low, mid, high)) in enumerate(drawn):
        y = _TOP + _ROW * place + 2 * _ROW // 3
        label = f"{one.metric.title}, {one.variant.name}"
        bars.append(Bar(label, y, x(low), x(mid), x(high), one.verdict))
    ticks = [
        (x(tick / 100), f"{tick:+g} %" if tick else "0") for tick in (-reach, -reach / 2, 0, reach / 2, reach)
    ]
    return Picture(
        width=WIDTH,
        height=_TOP + _ROW * len(bars) + _BOTTOM,
        zero=x(0),
        bars=bars,
        ticks=ticks,
        summary="Differences from the control with intervals of 95 %. "
        + " ".join(f"{one.title}, {one.arm}: {one.difference} ({one.interval})." for one in lines(found)),
    )


def _line(one: MetricLine) -> Line:
    comparison, shares = one.comparison, _shares(one)
    if comparison is None:
        names = (one.metric.title, one.metric.definition, one.variant.name)
        return Line(*names, "–", "–", "–", "–", "–", verdict=one.verdict, since="", reduction="–")
    relative = comparison.difference / comparison.control if comparison.control else 0.0
    return Line(
        one.metric.title,
        one.metric.definition,
        one.variant.name,
        f"{comparison.control:.4g}",
        f"{comparison.treatment:.4g}",
        f"{100 * relative:+.2f} %" if one.interval else "–",
        f"{100 * shares[0]:+.2f} to {100 * shares[2]:+.2f} %" if shares else "–",
        ("< 0.0001" if one.interval.p < 0.0001 else f"{one.interval.p:.4f}") if one.interval else "–",
        one.verdict,
        f"since day {one.claimed_on}" if one.claimed_on else "",
        f"{100 * comparison.reduction:.0f} %",
    )


def _shares(one: MetricLine) -> tuple[float, float, float] | None:
    """(low, difference, high) as shares of the control's value."""
    if one.comparison is None or one.interval is None or not one.comparison.control:
        return None
    unit = one.comparison.control
    low, high = one.interval.low / unit, one.interval.high / unit
    return (low, one.comparison.difference / unit, high) if math.isfinite(low + high) else None


def _guard(one: GuardLine) -> Guard:
    relative = one.guardrail.metric in _RELATIVE
    worse = "–"
    if one.worse is not None and math.isfinite(one.worse.low):
        low, high = (f"{100 * end:+.1f}" for end in (one.worse.low, one.worse.high))
        worse = f"{low} to {high} {'%' if relative else 'points'}"
    return Guard(
        title=one.guardrail.get_metric_display(),
        arm=one.variant.name,
        control="–" if one.control is None else f"{one.control:.4g}",
        treatment="–" if one.treatment is None else f"{one.treatment:.4g}",
        worse=worse,
        limit=f"{100 * one.guardrail.limit:g} {'%' if relative else 'points'}",
        broken=one.broken,
    )

"""What a mix's bandit has learned as its page shows it: texts, and intervals as lines of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.shares.offpolicy import Interval
from retrieval.shares.report import ArmLine, PolicyLine, Report, SegmentLines

WIDTH = 720
_SIDE, _TOP, _ROW, _BOTTOM = 40, 16, 52, 34
_TICKS = 4
MOST_SEGMENTS = 30


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    y: int
    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class Picture:
    """served: where what was served lies; ticks: (x, text) in percent of draws."""

    width: int
    height: int
    served: float
    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, str]]
    summary: str


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    doubly_robust: str
    snips: str
    ips: str
    effective: int | None


@dataclass(frozen=True, slots=True)
class Arm:
    """Texts; width: of the bar of its probability, 0 to 100."""

    name: str
    probability: str
    width: float
    share: str
    engaged: str
    posterior: str
    always: str


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    draws: int
    served: str
    arms: Sequence[Arm]


def policies(report: Report) -> list[Policy]:
    return [_policy(line) for line in report.policies]


def segments(report: Report) -> list[Segment]:
    """The most drawn ones, as many as a page holds."""
    return [_segment(one) for one in report.segments[:MOST_SEGMENTS]]


def picture(report: Report) -> Picture | None:
    """What each way of choosing brings, doubly robust; None where nothing can be said."""
    drawn = [(line.name, line.value.doubly_robust) for line in report.policies if line.value]
    if report.served is None or not drawn:
        return None
    shown = [("as served", report.served), *drawn]
    low, high = min(one.low for _, one in shown), max(one.high for _, one in shown)
    span = (high - low) or 1.0

    def x(share: float) -> float:
        return round(_SIDE + (WIDTH - 2 * _SIDE) * (share - low) / span, 1)

    return Picture(
        width=WIDTH,
        height=_TOP + _ROW * len(shown) + _BOTTOM,
        served=x(report.served.value),
        bars=[
            Bar(name, _TOP + _ROW * place + 2 * _ROW // 3, x(one.low), x(one.value), x(one.high))
            for place, (name, one) in enumerate(shown)
        ],
        ticks=[
            (x(low + span * tick / _TICKS), _percent(low + span * tick / _TICKS))
            for tick in range(_TICKS + 1)
        ],
        summary="Engaged draws with intervals of 95 %. "
        + " ".join(f"{name}: {interval(one)}." for name, one in shown),
    )


def interval(one: Interval | None) -> str:
    if one is None:
        return "–"
    return f"{_percent(one.value)} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def _policy(line: PolicyLine) -> Policy:
    value = line.value
    if value is None:
        return Policy(line.name, "–", "–", "–", None)
    return Policy(
        name=line.name,
        doubly_robust=interval(value.doubly_robust),
        snips=interval(value.snips),
        ips=interval(value.ips),
        effective=round(value.effective),
    )


def _segment(one: SegmentLines) -> Segment:
    return Segment(one.name, one.draws, interval(one.served), [_arm(line) for line in one.arms])


def _arm(line: ArmLine) -> Arm:
    return Arm(
        name=line.arm,
        probability=_percent(line.probability),
        width=round(100 * line.probability, 1),
        share=_percent(line.share),
        engaged=f"{line.engaged:,} of {line.draws:,}",
        posterior=interval(line.posterior),
        always=interval(line.always),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"

"""A request as bars on one clock: stages one after the other, the sources of a stage side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from console.inspector.tiles import SourceLabel, source_label
from retrieval.answer import Answer
from retrieval.types import SourceReport

_NARROWEST = 0.4  # percent: still to be seen
_STAGES = {
    "mix": "Choose the mix",
    "context": "Read the context",
    "cache": "Look in the cache",
    "wait": "Wait for another request",
    "sources": "Ask the sources",
    "filters": "Filter",
    "fill": "Fill up",
    "choice": "Cap and cut",
    "placing": "Place new items",
    "remember": "Keep in the cache",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width` in percent of the whole; milliseconds are the request's own clock."""

    label: str
    x: float
    width: float
    ms: float


@dataclass(frozen=True, slots=True)
class SourceBar:
    source: SourceLabel
    bar: Bar
    report: SourceReport
    round: str  # "fill" in the second round
    word: str  # good, warn, bad: how its outcome is colored


@dataclass(frozen=True, slots=True)
class Tick:
    x: float  # percent
    ms: float


@dataclass(frozen=True, slots=True)
class Timeline:
    total_ms: float
    stages: tuple[Bar, ...]
    sources: tuple[SourceBar, ...]
    ticks: tuple[Tick, ...]


def timeline(answer: Answer) -> Timeline:
    total = answer.timings_ms.get("total", 0.0)
    # A source that timed out in its thread may end after the request did.
    end = max([total, *(report.started_ms + report.ms for report in answer.reports), 0.001])
    scale = 100 / end
    return Timeline(
        total_ms=total,
        stages=tuple(_stages(answer, total, scale)),
        sources=tuple(_sources(answer, scale)),
        ticks=tuple(Tick(round(ms * scale, 2), ms) for ms in _tick_times(end)),
    )


def _stages(answer: Answer, total: float, scale: float) -> Iterator[Bar]:
    stages = {name: ms for name, ms in answer.timings_ms.items() if name != "total"}
    # What comes before the first measured stage is the choice of the mix.
    at = max(0.0, total - sum(stages.values()))
    for name, ms in stages.items():
        yield _bar(_STAGES.get(name, name), at, ms, scale)
        at += ms


def _sources(answer: Answer, scale: float) -> Iterator[SourceBar]:
    second_round = _second_round_ms(answer)
    met: set[str] = set()
    for report in answer.reports:
        fills = report.name in met or report.started_ms > second_round
        yield SourceBar(
            source=source_label(report.name),
            bar=_bar(report.name, report.started_ms, report.ms, scale),
            report=report,
            round="fill" if fills else "",
            word={"ok": "good", "empty": "", "skipped": ""}.get(report.outcome, "bad"),
        )
        met.add(report.name)


def _second_round_ms(answer: Answer) -> float:
    """Sources that began after this moment were asked to fill up: between the two rounds come the filters."""
    spans = answer.timings_ms
    if "fill" not in spans:
        return float("inf")
    after = sum(spans.get(name, 0.0) for name in ("fill", "choice", "placing", "remember"))
    return spans.get("total", 0.0) - after - spans.get("filters", 0.0) / 2


def _bar(label: str, start_ms: float, ms: float, scale: float) -> Bar:
    x = min(start_ms * scale, 100 - _NARROWEST)
    width = min(max(ms * scale, _NARROWEST), 100 - x)
    return Bar(label, round(x, 2), round(width, 2), ms)


def _tick_times(end_ms: float) -> list[float]:
    """Round moments from 0, at most six."""
    steps = (base * 10.0**power for power in range(-4, 8) for base in (1, 2, 5))
    step = next(step for step in steps if end_ms / step <= 5)
    return [step * i for i in range(int(end_ms / step) + 1)]

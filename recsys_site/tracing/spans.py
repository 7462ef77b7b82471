"""Spans from what a request noted anyway: its stages, its sources' reports, and the calls of stores.

They are made when the request is over, with the times that were noted: while it runs, nothing but lists grows.
"""

import time
from collections.abc import Sequence

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from retrieval.progress import Progress
from retrieval.recording import Recording, StoreCall
from retrieval.types import SourceReport

_BAD = {"timeout", "error", "busy"}
_SYSTEMS = {"postgresql": "postgresql", "valkey": "redis"}  # the convention's names
Interval = tuple[float, float, Span]


class Clock:
    """perf_counter's seconds as the nanoseconds since 1970 that spans have."""

    def __init__(self) -> None:
        self._shift_ns = time.time_ns() - int(time.perf_counter() * 1e9)

    def ns(self, moment: float) -> int:
        return self._shift_ns + int(moment * 1e9)


def tell(recording: Recording, whole: Span, tracer: Tracer) -> None:
    """Makes the spans below `whole`, each under the innermost that it lies in: whole, stage, source, call."""
    maker = _Maker(tracer, whole, Clock())
    for progress in recording.progresses:
        maker.answer(progress)
    for call in list(recording.calls):  # a late source may still add some
        maker.call(call)
    if recording.left_out:
        whole.set_attribute("headwater.calls_left_out", recording.left_out)


class _Maker:
    def __init__(self, tracer: Tracer, whole: Span, clock: Clock) -> None:
        self._tracer, self._whole, self._clock = tracer, whole, clock
        self._stages: list[Interval] = []
        self._sources: dict[str, list[Interval]] = {}

    def answer(self, progress: Progress) -> None:
        for name, began, ended in sorted(progress.stages, key=lambda one: (one[1], -one[2])):
            self._stages.append((began, ended, self._span(f"stage {name}", began, ended, self._stages)))
        for report in progress.reports:
            self._source(report, progress.began)
        if progress.degraded:
            self._whole.set_attribute("headwater.degraded", list(progress.degraded))

    def _source(self, report: SourceReport, request_began: float) -> None:
        began = request_began + report.started_ms / 1000
        ended = began + report.ms / 1000
        span = self._span(
            f"source {report.name}",
            began,
            ended,
            self._stages,
            attributes={
                "headwater.source": report.name,
                "headwater.outcome": report.outcome,
                "headwater.found": report.found,
            },
            failed=report.outcome in _BAD,
        )
        self._sources.setdefault(report.name, []).append((began, ended, span))

    def call(self, call: StoreCall) -> None:
        places = self._sources.get(call.within) or self._stages
        self._span(
            call.what.split(" ", 1)[0] or call.store,
            call.began,
            call.ended,
            places,
            attributes={"db.system.name": _SYSTEMS[call.store], "db.query.text": call.what},
            failed=call.failed,
            kind=SpanKind.CLIENT,
        )

    def _span(
        self,
        name: str,
        began: float,
        ended: float,
        places: Sequence[Interval],
        *,
        attributes: dict[str, str | int] | None = None,
        failed: bool = False,
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        """Ended already. Its parent is the narrowest of `places` in which it began, else the whole."""
        around = [place for place in places if place[0] <= began <= place[1]]
        parent = min(around, key=lambda place: place[1] - place[0])[2] if around else self._whole
        span = self._tracer.start_span(
            name,
            set_span_in_context(parent),
            kind=kind,
            attributes=attributes,
            start_time=self._clock.ns(began),
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(self._clock.ns(ended))
        return span

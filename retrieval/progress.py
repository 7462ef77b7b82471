"""What one request notes on its way: stages, reports and what failed to help."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from retrieval import metrics
from retrieval.recording import RECORDING
from retrieval.types import SourceReport

_FAILED = {"timeout", "error", "busy"}


@dataclass(slots=True)
class Progress:
    """What one request notes on its way."""

    began: float = field(default_factory=time.perf_counter)
    timings_ms: dict[str, float] = field(default_factory=dict)
    degraded: list[str] = field(default_factory=list)
    reports: list[SourceReport] = field(default_factory=list)

    stages: list[tuple[str, float, float]] = field(default_factory=list)  # name, began, ended: perf_counter's

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            ended = time.perf_counter()
            self.timings_ms[name] = self.timings_ms.get(name, 0.0) + (ended - started) * 1000
            self.stages.append((name, started, ended))

    @property
    def sources_failed(self) -> bool:
        return any(report.outcome in _FAILED for report in self.reports)

    def note_failed_sources(self) -> None:
        self.degraded += [f"source:{r.name}" for r in self.reports if r.outcome in _FAILED]

    def finish(self, *, cache_level: str, given: int, asked: int, dropped: Mapping[str, int]) -> None:
        """Closes the clock and moves the counters."""
        self.timings_ms["total"] = (time.perf_counter() - self.began) * 1000
        recording = RECORDING.get()
        if recording is not None:
            recording.progresses.append(self)
        metrics.REQUEST_MS.labels(cache_level).observe(self.timings_ms["total"])
        metrics.CANDIDATES.inc(given)
        for reason, count in dropped.items():
            metrics.DROPPED.labels(reason).inc(count)
        for part in self.degraded:
            metrics.DEGRADED.labels(part).inc()
        if given < asked:
            metrics.SHORTFALLS.inc()

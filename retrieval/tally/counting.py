"""From one answer to counts in this process: a few additions, and for a computed answer a look at who proposed what."""

from datetime import UTC, datetime

import numpy as np

from retrieval.answer import Answer
from retrieval.tally.cells import COUNTS, Amounts
from retrieval.tally.histogram import bucket_of
from retrieval.tally.storing import keep_storing
from retrieval.types import Pool, Request

_FAILED = frozenset({"timeout", "error", "busy"})


def count_answer(answer: Answer, request: Request) -> None:
    """Counts what somebody was given. A preview or a choice of sources is nobody's feed and isn't counted."""
    if request.sources or request.mix_revision is not None:
        return
    COUNTS.answered(
        _hour(request.now),
        request.surface,
        answer.cache.level,
        bucket_of(answer.timings_ms.get("total", 0.0)),
        short=len(answer.pool) < answer.asked,
        degraded=bool(answer.degraded),
    )
    if answer.cache.level == "none":
        _count_sources(answer, _hour(request.now))
    keep_storing()


def count_ready(surface: str, ms: float, *, unchecked: bool = False) -> None:
    """Counts an answer whose bytes were there. unchecked: served although Postgres could not say that it is true."""
    hour = _hour(datetime.now(UTC))
    COUNTS.answered(hour, surface, "ready", bucket_of(ms), short=False, degraded=unchecked)
    keep_storing()


def _count_sources(answer: Answer, hour: datetime) -> None:
    for report in answer.reports:
        if report.outcome != "skipped":
            COUNTS.worked(hour, report.name, ms=report.ms, failed=report.outcome in _FAILED)
    if len(answer.pool):
        COUNTS.proposed(hour, answer.pool.sources, *proposals(answer.pool))


def proposals(pool: Pool) -> tuple[Amounts, Amounts]:
    """[s]: how many candidates each source alone proposed; [s, s]: how many each two did, and on the diagonal each."""
    named = (pool.ranks > 0).astype(np.float32)
    alone = (named.sum(axis=1) == 1).astype(np.float32) @ named
    return alone.astype(np.float64), (named.T @ named).astype(np.float64)


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

"""From one answer to counts in this process: a few additions, and for a computed answer a look at who proposed what."""

import time
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

from retrieval.answer import Answer
from retrieval.tally.cells import COUNTS, Amounts
from retrieval.tally.histogram import bucket_of
from retrieval.tally.storing import keep_storing
from retrieval.types import Pool, Request

_HOUR_S = 3600
_FAILED = frozenset({"timeout", "error", "busy"})


def count_answer(answer: Answer, request: Request) -> None:
    """Counts what somebody was given. A preview or a choice of sources is nobody's feed and isn't counted."""
    if request.sources or request.mix_revision is not None:
        return
    hour = _hour(int(request.now.timestamp()) // _HOUR_S)
    COUNTS.answered(
        hour,
        request.surface,
        answer.cache.level,
        bucket_of(answer.timings_ms.get("total", 0.0)),
        short=len(answer.pool) < answer.asked,
        degraded=bool(answer.degraded),
        arms=answer.counts_for,
    )
    COUNTS.looked(hour, request.surface, ((seen.level, seen.result) for seen in answer.cache.trail))
    if answer.cache.level == "none":
        _count_sources(answer, hour)
    keep_storing()


def count_ready(surface: str, ms: float, *, arms: bytes = b"", unchecked: bool = False) -> None:
    """Counts an answer whose bytes were there. arms: as `Answer.counts_for`. unchecked: served although Postgres could
    not say that it is true."""
    COUNTS.answered(
        _hour(int(time.time()) // _HOUR_S),
        surface,
        "ready",
        bucket_of(ms),
        short=False,
        degraded=unchecked,
        arms=arms,
    )
    keep_storing()


def count_unready(surface: str) -> None:
    """Counts a plain question that has no ready answer; what is answered instead is counted by itself."""
    COUNTS.looked(_hour(int(time.time()) // _HOUR_S), surface, (("ready", "miss"),))


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


@lru_cache(maxsize=64)
def _hour(hours: int) -> datetime:
    """hours: since 1970. Asked by every answer, so each is made once."""
    return datetime.fromtimestamp(hours * _HOUR_S, UTC)

"""How long each source takes by itself: call after call, in one thread, for users whom nobody has asked about."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.figures import Figure
from retrieval.deadline import Deadline
from retrieval.service import ask
from retrieval.source import Source, all_sources
from retrieval.types import Context, LiveModel, Request

AT_MOST_MS = 15.0
# What a source with a quota of 400 is asked for in an answer of 1000.
K = 520
_FIRST, _USERS = 15, 60
_PATIENCE_MS = 60_000


def source_figures(name: str, users: Sequence[str], model: LiveModel) -> list[Figure]:
    """A row per source that the world has something for; the reference is what one may take, half of the calls. model:
    `completed`."""
    figures = []
    contexts = [_context(user, model) for user in users[: _FIRST + _USERS]]
    for source in all_sources().values():
        figures += _figures(f"source-{source.name}-{name}", source, contexts)
    return figures


def _figures(case: str, source: Source, contexts: Sequence[Context]) -> list[Figure]:
    took_ms, found = [], []
    for context in contexts:
        if not source.applies_to(context):
            continue
        own = context.for_source(deadline=Deadline.after_ms(_PATIENCE_MS), options={})
        began = time.perf_counter()
        result = source.retrieve(own, K)
        took_ms.append((time.perf_counter() - began) * 1000)
        found.append(len(result))
    took_ms, found = took_ms[_FIRST:], found[_FIRST:]
    if not took_ms or not np.median(found):
        return []
    n = len(took_ms)
    return [
        Figure("bench", case, "p50_ms", float(np.median(took_ms)), "ms", n, AT_MOST_MS),
        Figure("bench", case, "p95_ms", float(np.percentile(took_ms, 95)), "ms", n),
        Figure("bench", case, "found", float(np.median(found)), "candidates", n),
    ]


def _context(user: str, model: LiveModel) -> Context:
    request = Request(user=user, k=1000, now=dt.datetime.now(dt.UTC), deadline_ms=_PATIENCE_MS)
    return replace(ask(request).context, model=model)

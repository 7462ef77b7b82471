"""What the sources answered to one request, kept as the merge would be given it."""

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.event_types import type_ids
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.filters import Rules
from retrieval.gathering import order_of, planned_calls
from retrieval.merging import build_pool, merge_input
from retrieval.merging.given import MergeInput
from retrieval.mixes import Mix, fading
from retrieval.runner import run
from retrieval.selection import screen
from retrieval.sets import among
from retrieval.types import Found, Ids, Request, RetrievalError
from retrieval.versions import live_model

_PATIENCE_MS = 100_000
_NOTHING = np.empty(0, np.int64)


class SourceFailed(RetrievalError):
    """A source did not answer: what is learned from a pool without it would be wrong."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request's pool in the order of its sources, not merged; of all sources, those too that have faded for the
    user, but as the mix weighs them.

    item_ids: int64 [n]; given: the merge's input, of these n; kept: bool [n], what the filters left; wanted: int64 [m],
    what should have been found; seen: how many items the sources were asked for on top; event_count: of the user.
    """

    user: str
    sources: tuple[str, ...]
    item_ids: Ids
    given: MergeInput
    kept: NDArray[np.bool_]
    wanted: Ids
    seen: int
    event_count: int
    fading: NDArray[np.float64]


def record(request: Request, mix: Mix, wanted: Ids, *, absent: Ids = _NOTHING) -> Recorded:
    """The pool of this request under this mix, whatever its arms or its cache would be. Raises SourceFailed.

    absent: int64 ascending, items that are not there yet: a version made later may place them already.
    """
    context = build_context(
        request, mix=mix, arms={}, model=live_model(), deadline=Deadline.after_ms(_PATIENCE_MS)
    )
    rules = Rules.of(request, context, mix, type_ids())
    calls = planned_calls(mix, request, known=len(rules.seen))
    found, reports = run(calls, context, began=time.perf_counter())
    for report in reports:
        if report.outcome in ("timeout", "error", "busy"):
            raise SourceFailed(f"{report.name}: {report.outcome} {report.detail}".strip())
    pool = build_pool({name: _without(one, absent) for name, one in found.items()})
    given = merge_input(pool, order_of(pool.sources, mix, context), context.history["item_id"])
    left = fading(mix, event_count=context.event_count, interests=len(context.stated.interests))
    own = np.array([left.get(name, 1.0) for name in pool.sources])
    return Recorded(
        user=request.user,
        sources=pool.sources,
        item_ids=pool.item_ids,
        given=replace(given, weights=given.weights * own, coefficients=given.coefficients * own[:, None]),
        kept=screen(pool, rules).filtered.kept,
        wanted=wanted,
        seen=len(rules.seen),
        event_count=context.event_count,
        fading=own,
    )


def as_deep_as(recorded: Recorded, depths: NDArray[np.int64]) -> Recorded:
    """As if each source had been asked for so many, int64 [s]: no more than it was."""
    ranks = np.where(recorded.given.ranks <= depths, recorded.given.ranks, 0)
    rows = (ranks > 0).any(axis=1)
    given = replace(
        recorded.given,
        ranks=ranks[rows],
        source_scores=np.where(ranks > 0, recorded.given.source_scores, 0)[rows],
        known=recorded.given.known[rows],
    )
    return replace(recorded, item_ids=recorded.item_ids[rows], given=given, kept=recorded.kept[rows])


def _without(found: Found, absent: Ids) -> Found:
    there = ~among(found.item_ids, absent)
    return Found(found.item_ids[there], found.scores[there], found.seeds[there])

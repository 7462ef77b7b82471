"""Why is this item here, or why not: the same stages as a request, followed for one item."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from catalog.event_types import type_ids
from catalog.models import Item
from retrieval.beginnings import chosen_names
from retrieval.facts import ItemFacts
from retrieval.filters import Rules
from retrieval.gathering import fill_pool, gather, planned_calls
from retrieval.placing import place_new_items
from retrieval.progress import Progress
from retrieval.reasons import chosen_behind, reason_text
from retrieval.selection import Screened, choose, missing, screen
from retrieval.service import open_request
from retrieval.sets import among
from retrieval.types import Ids, Pool, Request, RetrievalError

__all__ = ["FoundBy", "UnknownItem", "Why", "left_out", "why"]


class UnknownItem(RetrievalError):
    """The catalogue has no such item."""


@dataclass(frozen=True, slots=True)
class FoundBy:
    """One source that proposed the item; `rank` from 1."""

    source: str
    rank: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Why:
    """What became of one item in one request. `merged_rank` and `final_rank` count from 1, 0: not there."""

    item: str
    title: str
    found_by: tuple[FoundBy, ...]
    merged_rank: int
    final_rank: int
    removed_by: str  # the filter, "" for none
    verdict: str


def why(request: Request, item: str) -> Why:
    """The item's way through the request, computed afresh, with the fill round. Raises UnknownItem."""
    row = Item.objects.filter(external_id=item).values_list("id", "title").first()
    if row is None:
        raise UnknownItem(f"There is no item {item!r}.")
    item_id, title = row
    screened, final, chosen = _compute(replace(request, use_cache=False))
    found_by = _found_by(final, screened.facts, item_id, chosen) or _found_by(
        screened.pool, screened.facts, item_id, chosen
    )
    merged_rank, final_rank = _rank(screened.pool, item_id), _rank(final, item_id)
    removed_by = screened.removed_by(item_id)
    verdict = _verdict(merged_rank, final_rank, removed_by, request.k)
    return Why(item, title, found_by, merged_rank, final_rank, removed_by, verdict)


def left_out(request: Request, *, each: int) -> Mapping[str, Ids]:
    """By reason at most `each` items that were found and are not in the answer, the best first; computed afresh, with
    the fill round. "caps": what stood above the last of the answer, and a cap of the mix passed over."""
    screened, final, _ = _compute(replace(request, use_cache=False))
    places: dict[str, list[int]] = {}
    for place, reason in screened.filtered.reasons.items():
        places.setdefault(reason, []).append(place)
    kept = np.flatnonzero(screened.filtered.kept)
    given = among(screened.pool.item_ids[kept], np.sort(final.item_ids))
    # What comes after the last one that was chosen was cut, not capped.
    if given.any() and not given.all():
        before_the_cut = kept[: int(np.flatnonzero(given)[-1])]
        passed = before_the_cut[~given[: len(before_the_cut)]]
        if len(passed):
            places["caps"] = passed.tolist()
    return {reason: screened.pool.item_ids[sorted(some)[:each]] for reason, some in places.items()}


def _compute(request: Request) -> tuple[Screened, Pool, Mapping[int, str]]:
    """Everything that was found, the final list, and what the user chose by seed."""
    progress = Progress()
    mix, context = open_request(request)
    rules = Rules.of(request, context, mix, type_ids())
    calls = planned_calls(mix, request, known=len(rules.seen))
    pool, _ = gather(calls, mix, context, began=progress.began)
    short, screened = missing(pool, rules)
    if short and mix.fill and not request.sources:
        pool, _ = fill_pool(pool, mix, context, missing=short, began=progress.began)
        screened = screen(pool, rules, known=screened)
    screened = screened or screen(pool, rules)
    final = place_new_items(choose(screened, rules), rules).selection.pool
    return screened, final, chosen_names(context)


def _found_by(pool: Pool, facts: ItemFacts, item_id: int, chosen: Mapping[int, str]) -> tuple[FoundBy, ...]:
    rows = np.flatnonzero(pool.item_ids == item_id)
    if not len(rows):
        return ()
    row = int(rows[0])
    found: list[FoundBy] = []
    for column, source in enumerate(pool.sources):
        if pool.ranks[row, column] == 0:
            continue
        seed_row = int(facts.rows_of(pool.seeds[row : row + 1, column])[0])
        seed_title = facts.titles[seed_row] if seed_row >= 0 else ""
        score = float(pool.source_scores[row, column])
        reason = reason_text(
            source,
            seed_title,
            seed=int(pool.seeds[row, column]),
            chosen=chosen_behind(chosen, item_id, int(pool.seeds[row, column])),
        )
        found.append(FoundBy(source, int(pool.ranks[row, column]), score, reason))
    return tuple(found)


def _rank(pool: Pool, item_id: int) -> int:
    places = np.flatnonzero(pool.item_ids == item_id)
    return int(places[0]) + 1 if len(places) else 0


def _verdict(merged_rank: int, final_rank: int, removed_by: str, k: int) -> str:
    if final_rank:
        return f"It is candidate {final_rank} of {k}."
    if removed_by:
        return f"It was found, at place {merged_rank} of the merged list, and removed: {removed_by}."
    if merged_rank:
        return f"It was found, at place {merged_rank} of the merged list, below the cut or above a cap."
    return "No source proposed it."

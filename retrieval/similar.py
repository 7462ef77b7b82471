"""Items like an item: the live model's nearest vectors, what shares its tags, category and creator,
and what people turned to next, fused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from catalog.event_types import event_weights
from retrieval.ann import index_of
from retrieval.deadline import Deadline
from retrieval.facts import ItemFacts, load_facts
from retrieval.merging import Order, merge
from retrieval.sets import numbered
from retrieval.toplists import top_lists
from retrieval.turning import Reach, counts, turned_to
from retrieval.types import Found, Ids, Pool, RetrievalError
from retrieval.versions import live_model

EF_SEARCH = 400
USUAL = ("vector", "content")
# Of one item only, so wider than for a user's last few.
_REACH = Reach(audience=200)


@dataclass(frozen=True, slots=True)
class Similar:
    """`pool`: at most k active items, best first, without the item itself; sources as in `WAYS`."""

    pool: Pool
    facts: ItemFacts


def similar_items(
    item_id: int, k: int, *, now: datetime, deadline: Deadline, by: Sequence[str] = USUAL
) -> Similar:
    """Items most like the one with this internal id, in these of the `WAYS`. Raises SourceTimeout, StoreUnavailable."""
    found = {way: WAYS[way](item_id, k + 1, now, deadline) for way in WAYS if way in by}
    pool = merge(found, Order.even("reciprocal_rank", found))
    facts = load_facts(pool.item_ids, deadline)
    rows = facts.rows_of(pool.item_ids)
    shown = (rows >= 0) & (pool.item_ids != item_id)
    shown[shown] &= facts.active[rows[shown]]
    return Similar(pool.take(np.flatnonzero(shown)[:k]), facts)


def _nearest(item_id: int, k: int, now: datetime, deadline: Deadline) -> Found:
    model = live_model()
    if model is None:
        return Found.empty()
    try:
        index = index_of(model, deadline=deadline)
        _, vectors = index.item_vectors(np.array([item_id], np.int64), deadline=deadline)
        if not len(vectors):
            return Found.empty()
        ids, scores = index.search(vectors[0], k, deadline=deadline, ef_search=EF_SEARCH)
    except RetrievalError:
        # What shares its tags is still worth answering.
        return Found.empty()
    return Found(ids, scores, np.zeros(len(ids), np.int64))


def _sharing(item_id: int, k: int, now: datetime, deadline: Deadline) -> Found:
    """Items of the same tags, category and creator, by how many of them they share, then by popularity."""
    own = load_facts(np.array([item_id], np.int64), deadline)
    if not len(own):
        return Found.empty()
    lists = [
        *top_lists("tag", own.tags[0], deadline).values(),
        *top_lists("category", [own.category[0]] if own.category[0] else [], deadline).values(),
        *top_lists("creator", [str(own.creator_ids[0])] if own.creator_ids[0] else [], deadline).values(),
    ]
    return _add_up(lists, k)


def _add_up(lists: list[tuple[Ids, np.ndarray]], k: int) -> Found:
    if not lists:
        return Found.empty()
    # A list's own scores order it; between lists, only the place counts: a common tag's scores are no better.
    ids = np.concatenate([ids for ids, _ in lists])
    points = np.concatenate([1 - np.arange(len(ids)) / (2 * max(len(ids), 1)) for ids, _ in lists])
    unique, inverse = np.unique(ids, return_inverse=True)
    totals = np.bincount(inverse, weights=points, minlength=len(unique)).astype(np.float32)
    order = np.argsort(-totals, kind="stable")[:k]
    return Found(unique[order], totals[order], np.zeros(len(order), np.int64))


def _turned_to(item_id: int, k: int, now: datetime, deadline: Deadline) -> Found:
    """What people turned to near the item, more after it than before: not the same both ways."""
    seed = np.array([item_id], np.int64)
    turned = turned_to(seed, but_user=0, now=now, reach=_REACH, deadline=deadline)
    weights = event_weights()
    liked = np.array([weights.get(type_id, 0.0) > 0 for type_id in turned.type_ids.tolist()], np.bool_)
    ids, columns = numbered(turned.item_ids[liked])
    totals = np.bincount(columns, weights=counts(turned)[liked], minlength=len(ids)).astype(np.float32)
    order = np.argsort(-totals, kind="stable")[:k]
    return Found(ids[order], totals[order], np.zeros(len(order), np.int64))


WAYS: Mapping[str, Callable[[int, int, datetime, Deadline], Found]] = {
    "vector": _nearest,
    "content": _sharing,
    "co_watch": _turned_to,
}

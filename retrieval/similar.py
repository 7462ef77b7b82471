"""Items like an item: the live model's nearest vectors, fused with what shares its tags, category and creator."""

from dataclasses import dataclass

import numpy as np

from retrieval.ann import index_of
from retrieval.deadline import Deadline
from retrieval.facts import ItemFacts, load_facts
from retrieval.merging import Order, merge
from retrieval.toplists import top_lists
from retrieval.types import Found, Ids, Pool, RetrievalError
from retrieval.versions import live_model

EF_SEARCH = 400


@dataclass(frozen=True, slots=True)
class Similar:
    """`pool`: at most k active items, best first, without the item itself; sources "vector" and "content"."""

    pool: Pool
    facts: ItemFacts


def similar_items(item_id: int, k: int, *, deadline: Deadline) -> Similar:
    """Items most like the one with this internal id. Raises SourceTimeout, StoreUnavailable."""
    own = load_facts(np.array([item_id], np.int64), deadline)
    found = {
        "vector": _nearest(item_id, k + 1, deadline),
        "content": _sharing(own, k + 1, deadline),
    }
    pool = merge(found, Order.even("reciprocal_rank", found))
    facts = load_facts(pool.item_ids, deadline)
    rows = facts.rows_of(pool.item_ids)
    shown = (rows >= 0) & (pool.item_ids != item_id)
    shown[shown] &= facts.active[rows[shown]]
    return Similar(pool.take(np.flatnonzero(shown)[:k]), facts)


def _nearest(item_id: int, k: int, deadline: Deadline) -> Found:
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


def _sharing(own: ItemFacts, k: int, deadline: Deadline) -> Found:
    """Items of the same tags, category and creator, by how many of them they share, then by popularity."""
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

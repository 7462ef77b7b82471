"""Two orders of one pool as one: each fills its share of the places, as sources fill their quotas."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from retrieval.merging.pool import Order, build_pool, score
from retrieval.types import Found, Ids, Pool


def blend(found: Mapping[str, Found], orders: Sequence[tuple[Order, float]], *, known: Ids) -> Pool:
    """The pool of all that was found. orders: how each part merges the sources that it names, and its share.

    An item's place is the smallest place ÷ share that a part gives it, so that the first n hold n × share of each
    part's own first ones. known: int64 [m], what the user has in the history.
    """
    pool = build_pool(found)
    if not len(pool):
        return pool
    places = np.full(len(pool), np.inf)
    for how, share in orders:
        rows = _in_order(pool, how, known)
        places[rows] = np.minimum(places[rows], np.arange(1, len(rows) + 1) / max(share, 1e-9))
    scores = 1.0 / (1.0 + places)
    best = np.argsort(places, kind="stable")
    return replace(pool.take(best), scores=scores[best].astype(np.float32))


def _in_order(pool: Pool, how: Order, known: Ids) -> NDArray[np.int64]:
    """int64 [m]: the rows that the order's sources proposed, best first; equal ones as these sources named them."""
    columns = np.array([column for column, name in enumerate(pool.sources) if name in how.quotas], np.int64)
    ranks = pool.ranks[:, columns]
    rows = np.flatnonzero(ranks.any(axis=1))
    if not len(rows):
        return rows
    ranks = ranks[rows]
    first = (ranks > 0).argmax(axis=1)
    rows = rows[np.lexsort((ranks[np.arange(len(rows)), first], first))]
    own = Pool(
        tuple(pool.sources[column] for column in columns.tolist()),
        pool.item_ids[rows],
        pool.scores[rows],
        pool.ranks[rows[:, None], columns],
        pool.source_scores[rows[:, None], columns],
        pool.seeds[rows[:, None], columns],
    )
    # Stable, as in `merge`.
    return rows[np.argsort(-score(own, how, known), kind="stable")]

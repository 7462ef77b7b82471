"""Two orders of one pool as one: each fills its share of the places, as sources fill their quotas."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from retrieval.merging.pool import Order, build_pool, merge
from retrieval.types import Found, Ids, Pool


def blend(found: Mapping[str, Found], orders: Sequence[tuple[Order, float]], *, known: Ids) -> Pool:
    """The pool of all that was found. orders: how each part merges the sources that it names, and its share.

    An item's place is the smallest place ÷ share that a part gives it, so that the first n hold n × share of each
    part's own first ones. known: int64 [m], what the user has in the history.
    """
    pool = build_pool(found)
    if not len(pool):
        return pool
    order = np.argsort(pool.item_ids)
    places = np.full(len(pool), np.inf)
    for how, share in orders:
        own = merge({name: one for name, one in found.items() if name in how.quotas}, how, known=known)
        rows = order[np.searchsorted(pool.item_ids[order], own.item_ids)]
        places[rows] = np.minimum(places[rows], np.arange(1, len(own) + 1) / max(share, 1e-9))
    scores = 1.0 / (1.0 + places)
    best = np.argsort(places, kind="stable")
    return replace(pool.take(best), scores=scores[best].astype(np.float32))

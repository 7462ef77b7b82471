"""The union of the sources' candidates, with provenance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.merging.given import MergeInput
from retrieval.merging.orders import MERGES
from retrieval.sets import among, ascending, numbered
from retrieval.types import Found, Ids, Pool

_NOTHING = np.empty(0, np.int64)


def build_pool(found: Mapping[str, Found]) -> Pool:
    """Every item once, in order of first appearance, with its rank and score in each source; scores are 0."""
    sources = tuple(found)
    if not any(len(f) for f in found.values()):
        return _empty(sources)
    ids = np.concatenate([f.item_ids for f in found.values()])
    unique, inverse = numbered(ids)
    first = np.empty(len(unique), np.int64)
    first[inverse[::-1]] = np.arange(len(ids))[::-1]  # the first of each is written last
    order = np.argsort(first, kind="stable")
    row_of_unique = np.empty(len(unique), np.int64)
    row_of_unique[order] = np.arange(len(unique))
    rows = row_of_unique[inverse]
    shape = (len(unique), len(sources))
    ranks, scores, seeds = np.zeros(shape, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int64)
    start = 0
    for column, one in enumerate(found.values()):
        its_rows = rows[start : start + len(one)]
        ranks[its_rows, column] = np.arange(1, len(one) + 1)
        scores[its_rows, column] = one.scores
        seeds[its_rows, column] = one.seeds
        start += len(one)
    return Pool(sources, unique[order], np.zeros(len(unique), np.float32), ranks, scores, seeds)


@dataclass(frozen=True, slots=True)
class Order:
    """How the mix orders a pool: the merge's name, and by source its quota, weight and coefficients."""

    name: str
    quotas: Mapping[str, float]
    weights: Mapping[str, float]
    coefficients: Mapping[str, tuple[float, float, float]]
    bias: float
    seed: int

    @classmethod
    def even(cls, name: str, sources: Iterable[str], *, seed: int = 0) -> "Order":
        """All sources alike."""
        ones = dict.fromkeys(sources, 1.0)
        return cls(name, ones, ones, dict.fromkeys(ones, (0.0, 1.0, 0.0)), 0.0, seed)


def merge(found: Mapping[str, Found], order: Order, *, known: Ids = _NOTHING) -> Pool:
    """The pool, best first, with the merge's score (larger is better). Nothing is cut: filters come later.

    known: int64 [m], what the user has in the history.
    """
    pool = build_pool(found)
    if not len(pool):
        return pool
    scores = score(pool, order, known)
    # Stable: equal scores stay in the order in which the mix names the sources.
    places = np.argsort(-scores, kind="stable")
    return replace(pool.take(places), scores=scores[places].astype(np.float32))


def score(pool: Pool, order: Order, known: Ids) -> NDArray[np.float64]:
    """float64 [n]: the merge's score of each candidate, larger is better; known as in `merge`."""
    return MERGES[order.name](merge_input(pool, order, known))


def merge_input(pool: Pool, order: Order, known: Ids) -> MergeInput:
    """What the merges read of the pool."""
    return MergeInput(
        ranks=pool.ranks,
        source_scores=pool.source_scores,
        quotas=np.array([order.quotas[s] for s in pool.sources], np.float64),
        weights=np.array([order.weights[s] for s in pool.sources], np.float64),
        seed=order.seed,
        known=among(pool.item_ids, ascending(known)),
        coefficients=np.array([order.coefficients[s] for s in pool.sources], np.float64),
        bias=order.bias,
    )


def append_pool(pool: Pool, other: Pool) -> Pool:
    """`pool`, then what only `other` has; scores go on falling, so that the order stays readable from them."""
    sources = pool.sources + tuple(s for s in other.sources if s not in pool.sources)
    rest = other.take(~among(other.item_ids, np.sort(pool.item_ids)))
    last = float(pool.scores[-1]) if len(pool) else 1.0
    falling = (last * np.arange(len(rest), 0, -1) / (len(rest) + 1)).astype(np.float32)
    a, b = _widen(pool, sources), _widen(rest, sources)
    return Pool(
        sources,
        np.concatenate([a.item_ids, b.item_ids]),
        np.concatenate([a.scores, falling]),
        np.concatenate([a.ranks, b.ranks]),
        np.concatenate([a.source_scores, b.source_scores]),
        np.concatenate([a.seeds, b.seeds]),
    )


def _widen(pool: Pool, sources: tuple[str, ...]) -> Pool:
    columns = [sources.index(s) for s in pool.sources]
    shape = (len(pool), len(sources))
    ranks, scores, seeds = np.zeros(shape, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int64)
    ranks[:, columns], scores[:, columns], seeds[:, columns] = pool.ranks, pool.source_scores, pool.seeds
    return Pool(sources, pool.item_ids, pool.scores, ranks, scores, seeds)


def _empty(sources: tuple[str, ...]) -> Pool:
    shape = (0, len(sources))
    return Pool(
        sources,
        np.empty(0, np.int64),
        np.empty(0, np.float32),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.float32),
        np.zeros(shape, np.int64),
    )

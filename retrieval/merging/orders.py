"""Five ways to order a pool. Each gives one score per candidate, larger is better, from what the sources said."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retrieval.merging.calibrated import by_calibration
from retrieval.merging.given import MergeInput

# Cormack, Clarke, Büttcher (2009): large enough that one source's first place is no dictate.
RECIPROCAL_RANK_OFFSET = 60.0


def by_quotas(given: MergeInput) -> NDArray[np.float64]:
    """Each source fills its quota; what one lacks, the others' next candidates back-fill.

    An item's place is the smallest share of a quota that reaches it, so the sources interleave in proportion
    to their quotas, and the first k of the order hold the quotas exactly where every source has enough.
    """
    reach = np.maximum(given.quotas * np.where(given.weights > 0, 1.0, 0.0), 1e-9)
    place = np.where(given.ranks > 0, given.ranks / reach, np.inf).min(axis=1)
    scores: NDArray[np.float64] = 1.0 / (1.0 + place)
    return scores


def by_round_robin(given: MergeInput) -> NDArray[np.float64]:
    """The first of every source, then the second of every source, in the order of the mix."""
    sources = given.ranks.shape[1]
    turn = given.ranks.astype(np.float64) + np.arange(sources) / max(sources, 1)
    scores: NDArray[np.float64] = 1.0 / np.where(given.ranks > 0, turn, np.inf).min(axis=1)
    return scores


def by_reciprocal_rank(given: MergeInput) -> NDArray[np.float64]:
    """Reciprocal rank fusion: Σ weight / (60 + rank) over the sources (Cormack, Clarke, Büttcher 2009)."""
    parts = np.where(given.ranks > 0, given.weights / (RECIPROCAL_RANK_OFFSET + given.ranks), 0.0)
    scores: NDArray[np.float64] = parts.sum(axis=1)
    return scores


def by_sampling(given: MergeInput) -> NDArray[np.float64]:
    """Each place goes to a source drawn with chances in proportion to the weights, which gives its next item.

    Drawn all at once: the k-th item of a source with weight w arrives at the sum of k exponential waits of
    mean 1/w; the order of arrivals is that of the draws (a race of Poisson processes). Same seed, same order.
    """
    generator = np.random.default_rng(given.seed)
    longest = int(given.ranks.max())
    waits = generator.exponential(size=(given.ranks.shape[1], longest))
    with np.errstate(divide="ignore"):
        arrivals = np.cumsum(waits, axis=1) / given.weights[:, None]
    rows = np.broadcast_to(np.arange(given.ranks.shape[1]), given.ranks.shape)
    when = np.where(given.ranks > 0, arrivals[rows, np.maximum(given.ranks, 1) - 1], np.inf).min(axis=1)
    scores: NDArray[np.float64] = 1.0 / (1.0 + when)
    return scores


MERGES: dict[str, Callable[[MergeInput], NDArray[np.float64]]] = {
    "quotas": by_quotas,
    "sampling": by_sampling,
    "round_robin": by_round_robin,
    "reciprocal_rank": by_reciprocal_rank,
    "calibrated": by_calibration,
}

"""Every metric of quality, once. Full ranking only; each mean is over users with at least one item to find.

A ranking is int [n_users, depth] of item indices, best first, -1 where a list is shorter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ranking = NDArray[np.int32]
PerUser = NDArray[np.float64]
_USERS_PER_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """hits: bool [n_users, depth], whether the item at that rank was to be found; wanted: int64 [n_users], how
    many were, at least 1."""

    hits: NDArray[np.bool_]
    wanted: NDArray[np.int64]


def judge(ranking: Ranking, truth: csr_array) -> Judged:
    """truth: [n_users, n_items], not 0 where the item was to be found; row by row the users of the ranking.

    Raises ValueError where the rows disagree, where a user has nothing to find, or where a list holds an item twice:
    it would count twice.
    """
    wanted = np.diff(truth.indptr).astype(np.int64)
    if len(wanted) != len(ranking):
        raise ValueError(f"{len(ranking)} rankings for {len(wanted)} users.")
    if not wanted.all():
        raise ValueError("Every user must have something to find: leave the others out.")
    in_order = np.sort(ranking, axis=1)
    if ((in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)).any():
        raise ValueError("A ranking holds an item twice.")
    users = np.arange(len(ranking), dtype=np.int64)[:, None]
    keys = np.where(ranking >= 0, users * truth.shape[1] + ranking, -1)
    rows = np.repeat(np.arange(len(wanted), dtype=np.int64), wanted)
    return Judged(np.isin(keys, rows * truth.shape[1] + truth.indices), wanted)


def recall(judged: Judged, k: int) -> PerUser:
    """The share of what was to be found that is among the first k."""
    return _floats(judged.hits[:, :k].sum(axis=1) / judged.wanted)


def precision(judged: Judged, k: int) -> PerUser:
    """The share of the first k places that hold something to be found; an empty place holds nothing."""
    return _floats(judged.hits[:, :k].sum(axis=1) / k)


def hit_rate(judged: Judged, k: int) -> PerUser:
    """1 where anything was found among the first k."""
    return _floats(np.asarray(judged.hits[:, :k].any(axis=1)))


def ndcg(judged: Judged, k: int) -> PerUser:
    """Gains of 1/log2(rank + 1), over those of the best possible list (Järvelin, Kekäläinen 2002)."""
    gains = 1 / np.log2(np.arange(2, k + 2))
    depth = min(k, judged.hits.shape[1])
    ideal = np.cumsum(gains)[np.minimum(judged.wanted, k) - 1]
    return _floats(judged.hits[:, :depth] @ gains[:depth] / ideal)


def mrr(judged: Judged, k: int) -> PerUser:
    """1/rank of the first thing found among the first k, 0 where there is none."""
    hits = judged.hits[:, :k]
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1.0), 0.0)


def _floats(values: NDArray[Any]) -> PerUser:
    return np.asarray(values, np.float64)


PER_USER: Mapping[str, Callable[[Judged, int], PerUser]] = {
    "recall": recall,
    "precision": precision,
    "ndcg": ndcg,
    "hit_rate": hit_rate,
    "mrr": mrr,
}


def coverage(ranking: Ranking, k: int, n_items: int) -> float:
    """The share of the catalogue that stands among the first k of anybody."""
    shown = ranking[:, :k]
    return len(np.unique(shown[shown >= 0])) / n_items


def gini(ranking: Ranking, k: int, n_items: int) -> float:
    """How unequally the places are spread over the catalogue: 0 evenly, towards 1 all to one item."""
    shown = ranking[:, :k]
    counts = np.sort(np.bincount(shown[shown >= 0], minlength=n_items)).astype(np.float64)
    total = counts.sum()
    if total == 0:
        return 0.0
    ranks = np.arange(1, n_items + 1)
    return float(((2 * ranks - n_items - 1) @ counts) / (n_items * total))


def mean_popularity(ranking: Ranking, k: int, popularity: NDArray[np.floating[Any]]) -> float:
    """The mean over all places among the first k of the share of users who have that item.

    popularity: [n_items], 0 … 1.
    """
    shown = ranking[:, :k]
    return float(popularity[shown[shown >= 0]].mean()) if (shown >= 0).any() else 0.0


def novelty(ranking: Ranking, k: int, popularity: NDArray[np.floating[Any]], *, n_users: int) -> float:
    """The mean surprise of a place in bits: −log2 of the share of users who have its item (Zhou et al. 2010); an
    item that nobody has counts as if half a user had it."""
    shown = ranking[:, :k]
    share = np.maximum(popularity[shown[shown >= 0]], 0.5 / n_users)
    return float(-np.log2(share).mean()) if len(share) else 0.0


def intra_list_diversity(ranking: Ranking, k: int, traits: csr_array) -> float:
    """1 − the mean cosine of two items among a user's first k (Ziegler et al. 2005), a mean over the users with at
    least two there: 0 where all of a list are alike, 1 where no two have anything in common.

    traits: float [n_items, d], rows of length 1; an empty row has nothing in common with any.
    """
    per_user: list[NDArray[np.float64]] = []
    own = np.asarray(traits.multiply(traits).sum(axis=1)).ravel()
    for start in range(0, len(ranking), _USERS_PER_BLOCK):
        shown = ranking[start : start + _USERS_PER_BLOCK, :k]
        users, places = np.nonzero(shown >= 0)
        items = shown[users, places]
        counts = np.bincount(users, minlength=len(shown))
        lists = csr_array((np.ones(len(users), np.float32), (users, items)), (len(shown), traits.shape[0]))
        together = csr_array(lists @ traits)
        # |Σ v|² counts each pair twice and each item with itself.
        squares = np.asarray(together.multiply(together).sum(axis=1)).ravel()
        alike = squares - np.bincount(users, weights=own[items], minlength=len(shown))
        many = counts > 1
        per_user.append(1 - alike[many] / (counts[many] * (counts[many] - 1.0)))
    values = np.concatenate(per_user) if per_user else np.empty(0)
    return float(values.mean()) if len(values) else 0.0


def interval(values: PerUser, *, seed: int, share: float = 0.95, draws: int = 1000) -> tuple[float, float]:
    """The bootstrap interval that holds the mean over users with that probability (Efron 1979)."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)

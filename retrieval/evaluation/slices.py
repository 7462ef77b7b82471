"""Figures by groups: users by how much they did, items by their age. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.evaluation.metrics import Judged, PerUser, Ranking

_HOUR_S, _DAY_S = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Buckets:
    """`labels[i]` names the values from `edges[i - 1]` to below `edges[i]`; the first and last have no end."""

    name: str
    labels: tuple[str, ...]
    edges: tuple[float, ...]  # ascending, one fewer than labels

    def of(self, values: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.int64]:
        """int64 [n]: the bucket of each value, from 0."""
        return np.searchsorted(np.array(self.edges), values, side="right").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Share:
    """The mean or share within one bucket, of `n` users, pairs or requests."""

    label: str
    value: float
    n: int


HISTORY = Buckets("history", ("none", "1-5", "6-20", "21-100", "over 100"), (1, 6, 21, 101))
# Ages in seconds at the moment of the request; below 0: nobody had met the item yet.
ITEM_AGE = Buckets(
    "item_age",
    ("not there yet", "under 1 day", "1-7 days", "7-30 days", "30-365 days", "over a year"),
    (0, _DAY_S, 7 * _DAY_S, 30 * _DAY_S, 365 * _DAY_S),
)
FRESHNESS = Buckets(
    "item_age",
    ("not there yet", "under 1 h", "1-6 h", "6-24 h", "1-7 days", "over 7 days"),
    (0, _HOUR_S, 6 * _HOUR_S, _DAY_S, 7 * _DAY_S),
)


def means(values: PerUser, bucket: NDArray[np.int64], buckets: Buckets) -> list[Share]:
    """The mean of `values` [n] within each bucket that has any."""
    counts = np.bincount(bucket, minlength=len(buckets.labels))
    sums = np.bincount(bucket, weights=values, minlength=len(buckets.labels))
    rows = zip(buckets.labels, sums.tolist(), counts.tolist(), strict=True)
    return [Share(label, total / count, count) for label, total, count in rows if count]


def found_items(
    ranking: Ranking, judged: Judged, truth: csr_array, k: int, *, bucket: NDArray[np.int64], buckets: Buckets
) -> list[Share]:
    """The share of the (user, item) pairs to be found that are among the first k, by the item's bucket (of each of
    all items, [n_items]). Over pairs, not users: few users want items of every age."""
    found = ranking[:, :k][judged.hits[:, :k]]
    wanted = np.bincount(bucket[truth.indices], minlength=len(buckets.labels))
    hits = np.bincount(bucket[found], minlength=len(buckets.labels))
    rows = zip(buckets.labels, hits.tolist(), wanted.tolist(), strict=True)
    return [Share(label, hit / count, count) for label, hit, count in rows if count]

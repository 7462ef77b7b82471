"""A catalogue and its people, drawn at random but shaped like real ones, as arrays.

What makes a search or a source hard or easy is kept: vectors lie in clusters of a low intrinsic dimension, popularity
and activity have long tails, and tags, categories, creators, tastes and friends all agree with the clusters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]

DIM = 128
CATEGORIES = 24
_ITEMS_PER_CLUSTER = 400
_ITEMS_PER_CREATOR = 20
_TAGS_PER_CATEGORY = 40
_TAGS_PER_CLUSTER = 5
# Directions in which the clusters of a category differ, and the items of a cluster.
_CATEGORY_DIMENSIONS, _CLUSTER_DIMENSIONS = 24, 20
_NOISE = 0.05  # per dimension: what nothing explains
# How far apart the clusters of a category are, and the items of a cluster: near enough to each other for clusters to
# overlap. Contrastive training spreads vectors over the sphere; islands, in which a graph's search gets stuck, are
# what it removes.
_CLUSTERS_APART, _ITEMS_APART = 1.2, 1.0
_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Items:
    """One row per item. cluster, creator, tags: int64; weights: float64 [n], popularity, sums to 1; vectors: float32
    [n, DIM] of length 1; age_days: float64 [n] since published."""

    cluster: Rows
    category: Rows
    creator: Rows
    tags: Rows  # [n, 3]
    weights: NDArray[np.float64]
    vectors: Vectors
    age_days: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.cluster)

    @property
    def creators(self) -> int:
        return int(self.creator.max()) + 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """Items in order of their cluster, so that one binary search draws an item of a given cluster by popularity."""

    items: Rows  # row of each item, cluster by cluster
    starts: Rows  # [clusters + 1]: where a cluster begins in `items`
    heights: NDArray[np.float64]  # [n + 1]: popularity summed so far

    @classmethod
    def of(cls, items: Items) -> "Shelf":
        order = np.argsort(items.cluster, kind="stable")
        starts = np.searchsorted(items.cluster[order], np.arange(int(items.cluster.max()) + 2))
        return cls(order, starts, np.append(0.0, np.cumsum(items.weights[order])))

    @property
    def clusters(self) -> int:
        return len(self.starts) - 1

    def draw(self, clusters: Rows, chance: np.random.Generator) -> Rows:
        """An item of each of the clusters, the popular ones more often; -1 stands for the whole catalogue."""
        everywhere = clusters < 0
        low = np.where(everywhere, 0.0, self.heights[self.starts[clusters]])
        high = np.where(everywhere, self.heights[-1], self.heights[self.starts[clusters + 1]])
        place = (
            np.searchsorted(self.heights, low + chance.random(len(clusters)) * (high - low), side="right") - 1
        )
        drawn: Rows = self.items[np.minimum(place, len(self.items) - 1)]
        return drawn


def make_items(n: int, chance: np.random.Generator) -> Items:
    clusters = max(CATEGORIES, n // _ITEMS_PER_CLUSTER)
    category_of = chance.integers(0, CATEGORIES, clusters)
    sizes = chance.lognormal(0.0, 0.6, clusters)
    cluster = chance.choice(clusters, n, p=sizes / sizes.sum())
    cluster[:clusters] = np.arange(clusters)  # none is empty
    creators = max(clusters, n // _ITEMS_PER_CREATOR)
    home = chance.integers(0, clusters, creators)
    home[:clusters] = np.arange(clusters)
    shop = np.argsort(home, kind="stable")
    first = np.searchsorted(home[shop], np.arange(clusters + 1))
    # The square: a few creators of each cluster make most of it.
    pick = (np.diff(first)[cluster] * chance.random(n) ** 2).astype(np.int64)
    of_cluster = chance.integers(0, _TAGS_PER_CATEGORY, (clusters, _TAGS_PER_CLUSTER))
    columns = np.argsort(chance.random((n, _TAGS_PER_CLUSTER), np.float32), axis=1)[:, :3]
    tags = category_of[cluster][:, None] * _TAGS_PER_CATEGORY + of_cluster[cluster[:, None], columns]
    popularity = 1.0 / (chance.permutation(n) + 10.0) ** 0.9
    return Items(
        cluster=cluster,
        category=category_of[cluster],
        creator=shop[first[cluster] + pick],
        tags=tags,
        weights=popularity / popularity.sum(),
        vectors=_vectors(cluster, category_of, chance),
        age_days=chance.exponential(400.0, n) + 1.0,
    )


def _vectors(cluster: Rows, category_of: Rows, chance: np.random.Generator) -> Vectors:
    """A category's centre, plus the cluster's place among its category's few directions, plus the item's among its
    cluster's, plus a little of everything; brought to length 1."""
    centres = chance.normal(size=(CATEGORIES, DIM)) / DIM**0.5
    spread = chance.normal(size=(CATEGORIES, _CATEGORY_DIMENSIONS, DIM)) / DIM**0.5
    within = chance.normal(size=(CATEGORIES, _CLUSTER_DIMENSIONS, DIM)) / DIM**0.5
    places = chance.normal(size=(len(category_of), _CATEGORY_DIMENSIONS)) * (
        _CLUSTERS_APART / _CATEGORY_DIMENSIONS**0.5
    )
    means = centres[category_of] + np.einsum("cd,cdv->cv", places, spread[category_of])
    vectors = np.empty((len(cluster), DIM), np.float32)
    for start in range(0, len(cluster), _BLOCK):
        own = cluster[start : start + _BLOCK]
        block = means[own]
        for category in range(CATEGORIES):
            rows = np.flatnonzero(category_of[own] == category)
            apart = chance.normal(size=(len(rows), _CLUSTER_DIMENSIONS)) * (
                _ITEMS_APART / _CLUSTER_DIMENSIONS**0.5
            )
            block[rows] += apart @ within[category]
        block += _NOISE * chance.normal(size=block.shape)
        vectors[start : start + _BLOCK] = block / np.linalg.norm(block, axis=1, keepdims=True)
    return vectors

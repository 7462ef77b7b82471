"""What random walks from each item visit, before a training begins (PinSage: Ying et al. 2018)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, vstack

from retrieval.encoder import token_key
from retrieval.graph import Graph
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.groups import people, tags
from retrieval.walks import visits_from_each

_STARTS_AT_ONCE = 256
_LEAST_STEPS, _STEPS_PER_RANK = 2_000, 10


@dataclass(frozen=True, slots=True)
class Visited:
    """items: int32 [n_items, ranks], what walks from each item visit, most often first, itself left out, -1 where
    there is no more; counts: float32, likewise, how often."""

    items: NDArray[np.int32]
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """pooled: float32 [n_items, n_items], rows of sum 1 or 0, how much each neighbor counts; item_tags: float32
    [n_items, tags], tag_items: float32 [tags, n_items], likewise, which pool for an item without walks; tag_keys:
    int64 [tags], sorted."""

    pooled: csr_array
    item_tags: csr_array
    tag_items: csr_array
    tag_keys: NDArray[np.int64]


def visited(data: TrainingData, config: TowerConfig) -> Visited | None:
    """As many ranks as the settings ask for; None where they ask for none. data: one event per user and item."""
    ranks = max(config.neighbors, config.walk_last_rank if config.negative_shares.walk else 0)
    return visited_most(data, ranks=ranks, seed=config.seed) if ranks else None


def visited_most(data: TrainingData, *, ranks: int, seed: int) -> Visited:
    """The same for the same events and seed."""
    groups = csr_array(vstack([people(data), tags(data)[1]]))
    graph = Graph.of(np.arange(data.n_items), csr_array(groups[np.flatnonzero(np.diff(groups.indptr))]))
    random = np.random.default_rng(seed)
    items = np.full((data.n_items, ranks), -1, np.int32)
    counts = np.zeros((data.n_items, ranks), np.float32)
    linked = np.flatnonzero(np.diff(graph.item_starts))
    steps = max(_LEAST_STEPS, _STEPS_PER_RANK * ranks)
    for first in range(0, len(linked), _STARTS_AT_ONCE):
        starts = linked[first : first + _STARTS_AT_ONCE]
        place, item, visits = visits_from_each(graph, starts, random, steps=steps)
        other = starts[place] != item
        place, item, visits = place[other], item[other], visits[other]
        order = np.lexsort((item, -visits, place))
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        kept = rank < ranks
        row, chosen = starts[place[kept]], order[kept]
        items[row, rank[kept]], counts[row, rank[kept]] = item[chosen], visits[chosen]
    return Visited(items, counts)


def neighborhood(data: TrainingData, found: Visited, *, neighbors: int) -> Neighborhood:
    """The pooling of the vectors of each item's `neighbors` most visited by their share of the visits; by tags, of all
    that share one, in the order in which walks over tags alone would meet them."""
    items, counts = found.items[:, :neighbors], found.counts[:, :neighbors]
    row, column = np.nonzero(items >= 0)
    weights = (counts[row, column], (row, items[row, column]))
    names, tag_items = tags(data)
    keys = np.array([token_key(f"tag:{name}") for name in names], np.int64)
    order = np.argsort(keys)
    tag_items = csr_array(tag_items[order])
    return Neighborhood(
        pooled=_of_sum_1(csr_array(weights, (data.n_items, data.n_items))),
        item_tags=_of_sum_1(csr_array(tag_items.T)),
        tag_items=_of_sum_1(tag_items),
        tag_keys=keys[order],
    )


def _of_sum_1(matrix: csr_array) -> csr_array:
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return csr_array(diags_array(1 / np.where(sums > 0, sums, 1)) @ matrix, dtype=np.float32)

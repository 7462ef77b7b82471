"""Recorded requests as one block of numbers, in which any weighting's ranks are a product and a count.

It judges what the sources and the merge decide. Caps and fill come after them and are the same for all weightings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.evaluation import metrics
from retrieval.merging import features
from retrieval.tuning.recording import Recorded
from retrieval.types import Ids

Floats = NDArray[np.float64]
_REQUESTS_PER_BLOCK = 50
_WANTED_PER_BLOCK = 400
SHOWN = 100  # what coverage and diversity are measured on


@dataclass(frozen=True, slots=True)
class Pools:
    """r requests of at most n candidates each, s sources of three features.

    features: float32 [r, n, 3 s], 0 past a request's end; ends: int64 [r]; items: int64 [r, n], -1 past the end;
    wanted: (int64 [w], int64 [w]), request and place of each candidate that should be found; totals: int64 [r], how
    many should be, in the pool or not; users: int64 [r], a number for each user; event_counts: int64 [r].
    """

    features: NDArray[np.float32]
    ends: NDArray[np.int64]
    items: Ids
    wanted: tuple[NDArray[np.int64], NDArray[np.int64]]
    totals: NDArray[np.int64]
    users: NDArray[np.int64]
    event_counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    def take(self, rows: NDArray[np.int64]) -> "Pools":
        """Only these requests, int64 ascending."""
        request, place = self.wanted
        chosen = np.isin(request, rows)
        return Pools(
            self.features[rows],
            self.ends[rows],
            self.items[rows],
            (np.searchsorted(rows, request[chosen]), place[chosen]),
            self.totals[rows],
            self.users[rows],
            self.event_counts[rows],
        )

    def recalls(self, weights: Floats, depths: Sequence[int]) -> Floats:
        """float64 [p, r, len(depths)]: each request's recall under each weighting, [p, 3 s]. Of equal scores, what
        should be found comes last: nothing is gained by telling nothing apart."""
        found = np.zeros((len(weights), len(self), len(depths)))
        request, place = self.wanted
        for start in range(0, len(self), _REQUESTS_PER_BLOCK):
            stop = min(start + _REQUESTS_PER_BLOCK, len(self))
            scores = self.scores(weights, slice(start, stop))
            first, last = np.searchsorted(request, [start, stop])
            for low in range(first, last, _WANTED_PER_BLOCK):
                block = slice(low, min(low + _WANTED_PER_BLOCK, last))
                rows = request[block]
                ranks = _ranks(scores, rows - start, place[block])
                for column, depth in enumerate(depths):
                    hits = ranks <= depth  # [p, w]
                    np.add.at(found[:, :, column].T, rows, hits.T)
        return found / self.totals[:, None]

    def scores(self, weights: Floats, rows: slice) -> NDArray[np.float32]:
        """float32 [p, len(rows), n], -inf past a request's end."""
        block = self.features[rows]
        scores: NDArray[np.float32] = np.moveaxis(block @ weights.T.astype(np.float32), 2, 0).copy()
        scores[:, np.arange(block.shape[1]) >= self.ends[rows, None]] = -np.inf
        return scores

    def lists(self, weights: Floats) -> metrics.Ranking:
        """int32 [r, SHOWN]: the items that one weighting, [3 s], shows first; -1 where there are fewer. Not in
        order."""
        shown = np.full((len(self), SHOWN), -1, np.int32)
        for start in range(0, len(self), _REQUESTS_PER_BLOCK):
            rows = slice(start, min(start + _REQUESTS_PER_BLOCK, len(self)))
            scores = self.scores(weights[None], rows)[0]
            depth = min(SHOWN, scores.shape[1])
            best = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
            shown[rows, :depth] = np.take_along_axis(self.items[rows], best, axis=1)
        return shown


def pools_of(recorded: Sequence[Recorded], item_ids: Ids) -> Pools:
    """The block of these requests. item_ids: int64 ascending, all that exist."""
    kept = [np.flatnonzero(one.kept) for one in recorded]
    ends = np.array([len(rows) for rows in kept], np.int64)
    sources = len(recorded[0].sources)
    block = np.zeros((len(recorded), int(ends.max()), 3 * sources), np.float32)
    items = np.full(block.shape[:2], -1, np.int64)
    places: list[tuple[int, int]] = []
    for row, (one, rows) in enumerate(zip(recorded, kept, strict=True)):
        block[row, : len(rows)] = features(one.given)[rows].reshape(len(rows), -1)
        items[row, : len(rows)] = np.searchsorted(item_ids, one.item_ids[rows])
        places += [(row, place) for place in np.flatnonzero(np.isin(one.item_ids[rows], one.wanted)).tolist()]
    wanted = np.array(places, np.int64).reshape(-1, 2)
    _, users = np.unique([one.user for one in recorded], return_inverse=True)
    return Pools(
        features=block,
        ends=ends,
        items=items,
        wanted=(wanted[:, 0], wanted[:, 1]),
        totals=np.array([len(one.wanted) for one in recorded], np.int64),
        users=users.astype(np.int64),
        event_counts=np.array([one.event_count for one in recorded], np.int64),
    )


def variety(pools: Pools, weights: Floats, traits: csr_array) -> tuple[float, float]:
    """(catalogue coverage, intra-list diversity) of the first SHOWN. traits: [items, d], rows of length 1."""
    lists = pools.lists(weights)
    coverage = metrics.coverage(lists, SHOWN, traits.shape[0])
    return coverage, metrics.intra_list_diversity(lists, SHOWN, traits)


def _ranks(
    scores: NDArray[np.float32], rows: NDArray[np.int64], places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """int64 [p, w]: the ranks, from 1, of the candidates at these places of these rows."""
    own = scores[:, rows, places]
    ranks = np.empty(own.shape, np.int64)
    for number, of_all in enumerate(scores):
        ranks[number] = (of_all[rows] >= own[number][:, None]).sum(axis=1)
    return ranks

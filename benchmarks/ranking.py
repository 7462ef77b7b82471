"""From scores to full rankings: every item that the user does not have yet competes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import DataSet
from retrieval.evaluation.metrics import Ranking

# Rows of users -> scores float [len(users), n_items]; larger is better.
Scorer = Callable[[NDArray[np.int64]], NDArray[np.floating]]
_CELLS_PER_BLOCK = 20_000_000


def rank(scorer: Scorer, data: DataSet, *, depth: int) -> Ranking:
    """int32 [len(data.users), depth]: the best items of each user who has something to find."""
    n_items = data.shape[1]
    depth = min(depth, n_items)
    block = max(1, _CELLS_PER_BLOCK // n_items)
    parts = []
    for start in range(0, len(data.users), block):
        users = data.users[start : start + block]
        scores = np.array(scorer(users), np.float32)
        seen = data.seen[users]
        scores[np.repeat(np.arange(len(users)), np.diff(seen.indptr)), seen.indices] = -np.inf
        parts.append(_best(scores, depth))
    return np.concatenate(parts)


def _best(scores: NDArray[np.float32], depth: int) -> Ranking:
    """The first `depth` of each row in order; equal scores fall in order of the item; -1 for what is seen."""
    top = np.argpartition(-scores, depth - 1, axis=1)[:, :depth]
    top.sort(axis=1)
    values = np.take_along_axis(scores, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    ranked = np.take_along_axis(top, order, axis=1).astype(np.int32)
    ranked[np.take_along_axis(values, order, axis=1) == -np.inf] = -1
    return ranked

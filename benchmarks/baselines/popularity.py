"""The same list for everybody: by the number of users who liked an item, ever or in the last week."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

_WEEK_S = 7 * 86_400


def fit(data: DataSet) -> Scorer:
    return _for_everybody(np.asarray(data.liked.sum(axis=0), np.float32).ravel())


def fit_last_week(data: DataSet) -> Scorer:
    """Counts events of the data's last seven days; what has none falls back to its count ever."""
    recent = data.positive & (data.train.occurred_at_s >= data.cutoff.timestamp() - _WEEK_S)
    counts = np.bincount(data.train.item_index[recent], minlength=data.shape[1])
    ever = np.asarray(data.liked.sum(axis=0), np.float64).ravel()
    return _for_everybody((counts + ever / (ever.max() + 1)).astype(np.float32))


def _for_everybody(scores: NDArray[np.float32]) -> Scorer:
    return lambda users: np.tile(scores, (len(users), 1))

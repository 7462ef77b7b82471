"""GF-CF (Shen et al. 2021): a linear filter over the item graph plus an ideal low-pass filter; nothing trained."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import svds

from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

SINGULAR_VECTORS = {"ml-100k": 64}
_DEFAULT = 256
LOW_PASS_WEIGHT = 0.3


def fit(data: DataSet) -> Scorer:
    user_sizes = np.maximum(np.asarray(data.liked.sum(axis=1)).ravel(), 1)
    item_sizes = np.maximum(np.asarray(data.liked.sum(axis=0)).ravel(), 1)
    normal = csr_array(diags_array(user_sizes**-0.5) @ data.liked @ diags_array(item_sizes**-0.5))
    rank = min(SINGULAR_VECTORS.get(data.name, _DEFAULT), min(data.shape) - 1)
    _, _, right = svds(normal, k=rank, random_state=7)
    into, out = item_sizes[:, None] ** -0.5 * right.T, right * item_sizes[None, :] ** 0.5

    def scores(users: NDArray[np.int64]) -> NDArray[np.floating]:
        mine = data.liked[users]
        linear = (mine @ normal.T.tocsr()) @ normal
        return np.asarray(linear.toarray() + LOW_PASS_WEIGHT * ((mine @ into) @ out))

    return scores

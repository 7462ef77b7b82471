"""Item to item by the cosine of their users (Sarwar et al. 2001): each liked item votes for its 200 nearest."""

import numpy as np
from scipy.sparse import csr_array, diags_array, vstack

from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

NEIGHBORS = 200
_ROWS_PER_BLOCK = 1000


def fit(data: DataSet) -> Scorer:
    similar = _neighbors(data.liked)
    return lambda users: (data.liked[users] @ similar).toarray()


def _neighbors(liked: csr_array) -> csr_array:
    """float32 [n_items, n_items]: the cosines of each row's 200 nearest."""
    sizes = np.sqrt(np.maximum(np.asarray(liked.sum(axis=0)).ravel(), 1))
    unit = csr_array(liked @ diags_array(1 / sizes)).astype(np.float32)
    items = csr_array(unit.T)
    blocks = []
    for start in range(0, items.shape[0], _ROWS_PER_BLOCK):
        cosines = (items[start : start + _ROWS_PER_BLOCK] @ unit).toarray()
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = 0
        if cosines.shape[1] > NEIGHBORS:
            least = np.partition(cosines, -NEIGHBORS, axis=1)[:, -NEIGHBORS, None]
            cosines[cosines < least] = 0
        blocks.append(csr_array(cosines))
    return csr_array(vstack(blocks))

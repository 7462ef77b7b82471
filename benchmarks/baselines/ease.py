"""EASE (Steck 2019): the linear item model with a closed form."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotri

from benchmarks.baselines.limits import TooLarge
from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

# The inverse is dense: beyond this it takes longer and more memory than a small machine has.
MOST_ITEMS = 20_000
REGULARIZATION = {"ml-100k": 300.0, "lastfm-hetrec": 100.0}
_DEFAULT = 200.0


def fit(data: DataSet) -> Scorer:
    """Raises TooLarge."""
    n_items = data.shape[1]
    if n_items > MOST_ITEMS:
        raise TooLarge(f"EASE inverts {n_items:,} × {n_items:,}; the limit is {MOST_ITEMS:,} items.")
    gram = (data.liked.T @ data.liked).toarray().astype(np.float32)
    gram[np.diag_indices(n_items)] += REGULARIZATION.get(data.name, _DEFAULT)
    weights = _inverse(gram)
    weights /= -np.diag(weights).copy()
    np.fill_diagonal(weights, 0)
    return lambda users: data.liked[users] @ weights


def _inverse(gram: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a symmetric positive definite matrix, by Cholesky: half the work of a general inverse, in its memory."""
    factor, failed = spotrf(np.asfortranarray(gram), lower=True, overwrite_a=True)
    inverse, failed_too = spotri(factor, lower=True, overwrite_c=True)
    if failed or failed_too:
        raise np.linalg.LinAlgError("The regularized gram matrix is not positive definite.")
    lower: NDArray[np.float32] = np.tril(inverse, -1)
    return lower + lower.T + np.diag(np.diag(inverse))

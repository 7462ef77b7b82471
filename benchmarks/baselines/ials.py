"""Weighted matrix factorization (Hu et al. 2008) by the `implicit` library, tuned as Rendle et al. (2021) ask."""

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer


@dataclass(frozen=True)
class Settings:
    factors: int
    regularization: float
    alpha: float
    iterations: int = 15


# Found by a search on each data set's own validation part; others get the middle of what won.
TUNED = {
    "ml-100k": Settings(64, 0.1, 3),
    "lastfm-hetrec": Settings(64, 0.01, 10),
    "gowalla": Settings(256, 0.003, 30),
}
_DEFAULT = Settings(64, 0.05, 10)


def fit(data: DataSet) -> Scorer:
    settings = TUNED.get(data.name, _DEFAULT)
    # It runs in threads of its own; those of the linear algebra would only fight them for the cores.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings.factors,
            regularization=settings.regularization,
            alpha=settings.alpha,
            iterations=settings.iterations,
            random_state=7,
        )
        model.fit(csr_matrix(data.liked), show_progress=False)
    users, items = np.asarray(model.user_factors), np.asarray(model.item_factors)
    return lambda rows: users[rows] @ items.T

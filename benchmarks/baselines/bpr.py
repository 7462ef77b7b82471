"""Bayesian personalized ranking (Rendle et al. 2009) by the `implicit` library."""

import numpy as np
from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy.sparse import csr_matrix

from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

FACTORS = 64
LEARNING_RATE = 0.01
REGULARIZATION = 0.002
ITERATIONS = 100


def examples(data: DataSet) -> int:
    """How many pairs of a user and a liked item `fit` looks at, each with one negative."""
    return int(data.liked.nnz) * ITERATIONS


def fit(data: DataSet) -> Scorer:
    # One thread: with more, the order of updates and so the figures change from run to run.
    model = BayesianPersonalizedRanking(
        factors=FACTORS,
        learning_rate=LEARNING_RATE,
        regularization=REGULARIZATION,
        iterations=ITERATIONS,
        num_threads=1,
        random_state=7,
    )
    model.fit(csr_matrix(data.liked), show_progress=False)
    users, items = np.asarray(model.user_factors), np.asarray(model.item_factors)
    return lambda rows: users[rows] @ items.T

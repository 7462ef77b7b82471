"""From a score that only orders to the probability of engagement, without a change of order (Platt 1999)."""

import numpy as np

from retrieval.tuning.cross_entropy import Floats
from retrieval.tuning.pools import Pools

_STEPS = 30
_LEAST_SCALE, _MOST = 0.05, 50.0
_RIDGE = 1e-3


def as_probability(pools: Pools, weights: Floats) -> tuple[float, float]:
    """(scale > 0, bias): 1 / (1 + exp(-(bias + scale × score))) is nearest to whether a candidate was engaged with,
    in the sense of logistic loss, by Newton's method. weights: [d], of the score."""
    scores = pools.features @ weights
    there = np.arange(scores.shape[1]) < pools.ends[:, None]
    engaged = np.zeros(scores.shape, np.bool_)
    engaged[pools.wanted] = True
    x = np.stack([scores[there].astype(np.float64), np.ones(int(there.sum()))], axis=1)
    y = engaged[there].astype(np.float64)
    rate = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    solution = np.array([1.0, np.log(rate / (1 - rate))])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ solution, -_MOST, _MOST)))
        gradient = x.T @ (p - y) + _RIDGE * solution
        curvature = (x * (p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        solution -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    scale, bias = np.clip(solution, [_LEAST_SCALE, -_MOST], [_MOST, _MOST]).tolist()
    return scale, bias

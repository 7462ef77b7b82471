"""The likeliest weighting: each wanted candidate is as if drawn from its pool by a softmax of scores.

ListNet's top-one loss (Cao et al. 2007). It has a gradient where recall at a depth has none, so that it finds in two
dozen dimensions what random draws miss; what is best for recall is then looked for from there.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.tuning.cross_entropy import Floats
from retrieval.tuning.pools import Pools

_RIDGE = 1e-3
_STEPS = 200


def most_likely(pools: Pools) -> Floats:
    """float64 [d]: the weights under which what should be found is likeliest, each request counting alike; all 0 where
    no pool has anything that should be found."""
    d = pools.features.shape[2]
    request, place = pools.wanted
    if not len(request):
        return np.zeros(d)
    rows = np.unique(request)
    there = np.arange(pools.features.shape[1]) < pools.ends[rows, None]
    candidates = pools.features[rows][there].astype(np.float64)
    starts = np.concatenate([[0], np.cumsum(pools.ends[rows])[:-1]])
    of_wanted = starts[np.searchsorted(rows, request)] + place
    shares = 1.0 / np.bincount(request)[request] / len(rows)

    def loss(weights: Floats) -> tuple[float, Floats]:
        log_p = _log_softmax(candidates @ weights, starts, pools.ends[rows])
        pull = np.repeat(np.full(len(rows), 1.0 / len(rows)), pools.ends[rows]) * np.exp(log_p)
        slope = candidates.T @ pull - candidates[of_wanted].T @ shares + _RIDGE * weights
        return float(-(shares @ log_p[of_wanted]) + _RIDGE * weights @ weights / 2), slope

    from scipy.optimize import minimize  # noqa: PLC0415  takes longer to load than most of the product

    found: Floats = minimize(loss, np.zeros(d), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}).x
    return found


def _log_softmax(scores: Floats, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Floats:
    """float64 [n]: of each list, which begin at `starts`."""
    apart: Floats = scores - np.repeat(np.maximum.reduceat(scores, starts), sizes)
    log_p: Floats = apart - np.repeat(np.log(np.add.reduceat(np.exp(apart), starts)), sizes)
    return log_p

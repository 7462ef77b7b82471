"""From counts to posteriors, and from posteriors to how often each arm is drawn. Pure."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from coldstart.bandit.segments import segment_posteriors
from retrieval.mixes import Bandit

Floats = NDArray[np.float64]
# Quantiles of each arm at which the others are looked at: the error is below 0.001.
_STEPS = 256
_QUANTILES = (np.arange(_STEPS) + 0.5) / _STEPS


def posteriors(bandit: Bandit, draws: Floats, engaged: Floats) -> tuple[Floats, Floats]:
    """(alpha, beta), both [1 + segments, arms], of the share of draws that are engaged with; row 0: all segments.

    draws, engaged: float64 [segments, arms]. An arm of which a segment knows nothing begins there as it does in all of
    them, with the weight of the prior.
    """
    alpha = bandit.prior_rate * bandit.prior_draws + engaged.sum(axis=0)
    beta = (1 - bandit.prior_rate) * bandit.prior_draws + (draws - engaged).sum(axis=0)
    own = segment_posteriors(alpha, beta, draws, engaged, weight=bandit.prior_draws)
    return np.vstack([alpha, own[0]]), np.vstack([beta, own[1]])


def new_segment(alpha: Floats, beta: Floats, *, weight: float) -> tuple[Floats, Floats]:
    """(alpha, beta), both [arms], of a segment in which nothing was drawn yet, of those of all segments."""
    nothing = np.zeros_like(alpha)
    return segment_posteriors(alpha, beta, nothing, nothing, weight=weight)


def probabilities(alpha: Floats, beta: Floats, *, floor: float) -> Floats:
    """float64 [n, arms], of posteriors Beta(alpha, beta), both [n, arms]: each arm's probability of being the best one
    (Thompson 1933), mixed with the same for all so that none is below `floor`. Rows add up to 1.

    By integration, not by drawing: the chance that the others are below a rate, averaged over the quantiles of the arm.
    """
    n, arms = alpha.shape
    best = np.empty((n, arms))
    for arm in range(arms):
        rates = betaincinv(alpha[:, arm, None], beta[:, arm, None], _QUANTILES)
        below = np.ones((n, _STEPS))
        for other in range(arms):
            if other != arm:
                below *= betainc(alpha[:, other, None], beta[:, other, None], rates)
        best[:, arm] = below.mean(axis=1)
    best /= best.sum(axis=1, keepdims=True)
    mixed: Floats = floor + (1 - arms * floor) * best
    return mixed

"""From counts to posteriors, and from posteriors to how often each arm is drawn. Pure."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, log_expit, polygamma, psi

from coldstart.bandit.segments import segment_posteriors
from retrieval.mixes import Bandit

Floats = NDArray[np.float64]
# In standard deviations of an arm's log-odds; steps of a fifth, and as far as anything happens.
_AROUND = np.linspace(-12, 12, 121)
_SMALLEST = 1e-300
_AT_ONCE = 32  # rows: of twelve arms 4 MB an array


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

    By integration, not by drawing: of the density of the arm times the chance that all others are below it.
    """
    arms = alpha.shape[1]
    best = np.vstack(
        [_best(alpha[i : i + _AT_ONCE], beta[i : i + _AT_ONCE]) for i in range(0, len(alpha), _AT_ONCE)]
    )
    mixed: Floats = floor + (1 - arms * floor) * best
    return mixed


def _best(alpha: Floats, beta: Floats) -> Floats:
    """float64 [n, arms]."""
    log_odds = _points(alpha, beta)
    density = _densities(alpha, beta, log_odds)
    steps = np.diff(log_odds, axis=1)[:, None, :]
    pieces = (density[..., 1:] + density[..., :-1]) / 2 * steps
    below = np.zeros_like(density)
    np.cumsum(pieces, axis=2, out=below[..., 1:])
    chance_below = np.log(np.maximum(below / below[..., -1:], _SMALLEST))
    others = np.exp(chance_below.sum(axis=1, keepdims=True) - chance_below)
    integrand = density * others
    best = ((integrand[..., 1:] + integrand[..., :-1]) / 2 * steps).sum(axis=2)
    summing_to_one: Floats = best / best.sum(axis=1, keepdims=True)
    return summing_to_one


def _points(alpha: Floats, beta: Floats) -> Floats:
    """float64 [n, points], ascending log-odds of rates: around each arm as densely as its posterior is narrow."""
    means, deviations = psi(alpha) - psi(beta), np.sqrt(polygamma(1, alpha) + polygamma(1, beta))
    return np.sort((means[..., None] + deviations[..., None] * _AROUND).reshape(len(alpha), -1), axis=1)


def _densities(alpha: Floats, beta: Floats, log_odds: Floats) -> Floats:
    """float64 [n, arms, points], over log-odds: there even a rate that may be 0 has a smooth one."""
    at = log_odds[:, None, :]
    a, b = alpha[..., None], beta[..., None]
    densities: Floats = np.exp(a * log_expit(at) + b * log_expit(-at) - betaln(a, b))
    return densities

"""What another budget would have brought, from what was logged under this one. Pure.

Each place that the bandit may open was opened, or left as it was, with a known probability. An outcome that the other
budget makes twice as likely counts twice: inverse propensity scoring (Horvitz and Thompson 1952). Divided by the sum
of the weights instead of their number it is self-normalised (Swaminathan and Joachims 2015): a little biased, far
steadier.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


class NoOverlap(ValueError):
    """The other budget does what was never done under this one, so nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Engagements per place. low, high: of `snips`, 95 %, by its linearised variance; effective: how many equally
    weighted outcomes would say as much (Kish 1965), of `n`."""

    ips: float
    snips: float
    low: float
    high: float
    effective: float
    n: int


def budget_weights(propensities: Floats, opened: NDArray[np.bool_], factor: float) -> Floats:
    """float64 [n]: how much likelier each outcome is where places are opened `factor` times as often.

    propensities: of what happened; of a place that stayed as it was, 1 − the probability of opening. Raises NoOverlap
    where places would be opened with more than certainty.
    """
    opening = 1 - propensities[~opened]
    if factor < 0 or (len(opening) and float((factor * opening).max()) > 1):
        raise NoOverlap(f"Places cannot be opened {factor:g} times as often: that is more than always.")
    if factor < 1 and not len(opening):
        raise NoOverlap("Every place was opened: nothing is known of places that are left as they were.")
    weights = np.full(len(propensities), float(factor))
    weights[~opened] = (1 - factor * opening) / propensities[~opened]
    return weights


def estimate(rewards: Floats, weights: Floats) -> Estimate:
    """Of outcomes with these rewards and weights, both [n]. Raises NoOverlap where all weights are 0."""
    total = float(weights.sum())
    if not total:
        raise NoOverlap("Nothing that was logged could have happened under the other budget.")
    snips = float(weights @ rewards) / total
    error = float(np.sqrt(np.square(weights) @ np.square(rewards - snips))) / total
    half = float(ndtri(0.975)) * error
    return Estimate(
        ips=float(weights @ rewards) / len(rewards),
        snips=snips,
        low=max(0.0, snips - half),
        high=snips + half,
        effective=total**2 / float(weights @ weights),
        n=len(rewards),
    )

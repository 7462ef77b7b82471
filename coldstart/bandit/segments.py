"""Posteriors of one segment of users: what is known of everybody is the prior, with the prior's own weight."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def segment_posteriors(
    alpha: Floats, beta: Floats, exposures: Floats, engagements: Floats, *, weight: float
) -> tuple[Floats, Floats]:
    """(alpha, beta), both [n], of a segment with these exposures and engagements.

    The mean of everybody's posterior counts as `weight` impressions: a segment of which little is known behaves like
    everybody, one of which much is known like itself (empirical Bayes with one level).
    """
    mean = alpha / (alpha + beta)
    return mean * weight + engagements, (1 - mean) * weight + exposures - engagements

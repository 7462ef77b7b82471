"""One scale for all sources: how likely a user engages with an item, by who proposed it, how high, with which score.

A logistic regression over what the sources say (Platt 1999; of several sources: Aslam, Montague 2001), so that a sum
over sources is a product of odds. The coefficients are data of the mix, learned on a time the model has not seen.
"""

import math

import numpy as np
from numpy.typing import NDArray

from retrieval.merging.given import MergeInput

FEATURES = ("present", "score", "rank")
Floats = NDArray[np.float64]


def by_calibration(given: MergeInput) -> Floats:
    """The probability of engagement, 0 … 1; a probability proper where coefficients and bias were learned."""
    log_odds = given.bias + np.einsum("nsf,sf->n", features(given), given.coefficients)
    probabilities: Floats = 1 / (1 + np.exp(-log_odds))
    return probabilities


def features(given: MergeInput) -> Floats:
    """float64 [n, s, 3], all 0 where the source did not propose the item; else 1; the score above the list's last one,
    in standard deviations of the list; the logarithm of how many times its rank goes into the list's length and one.

    What the user already knows is left out of a list's ranks and deviations: it is first in all of them, the more so
    the more the user did, and will be filtered out.
    """
    found = np.zeros((*given.ranks.shape, len(FEATURES)))
    for source in range(given.ranks.shape[1]):
        proposed = _in_order(given.ranks[:, source])
        new = proposed[~given.known[proposed]]
        if not len(new):
            continue
        scores = given.source_scores[:, source].astype(np.float64)
        of_new = scores[new]
        apart = of_new - of_new.sum() / len(new)
        spread = math.sqrt(apart @ apart / len(new))
        found[proposed, source, 0] = 1.0
        if spread > 0:
            found[proposed, source, 1] = (scores[proposed] - of_new.min()) / spread
        found[new, source, 2] = np.log((len(new) + 1) / np.arange(1, len(new) + 1))
    return found


def _in_order(ranks: NDArray[np.int32]) -> NDArray[np.int64]:
    """int64 [m]: the rows that have a rank, by it."""
    rows = np.flatnonzero(ranks)
    # Ranks are places already, though some may be empty: a pool that was cut has gaps.
    row_of = np.full(int(ranks.max(initial=0)) + 1, -1)
    row_of[ranks[rows]] = rows
    ordered = row_of[row_of >= 0]
    # A source that was asked twice may have given one rank twice.
    return ordered if len(ordered) == len(rows) else rows[np.argsort(ranks[rows], kind="stable")]

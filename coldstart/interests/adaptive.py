"""Which interest to ask about next: the one whose answer tells most about who this is. Pure.

Expected information gain over segments of people (Lindley 1956; for first questions of recommenders: Rashid and others
2008): how much the entropy over segments falls, on average over yes and no.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_CERTAIN = 1e-12


@dataclass(frozen=True, slots=True)
class Segments:
    """weights: float64 [s], shares that sum to 1; interest_ids: int64 [i]; chances: float64 [s, i], above 0 and
    below 1."""

    weights: Floats
    interest_ids: NDArray[np.int64]
    chances: Floats

    def given(self, chosen: NDArray[np.int64]) -> Floats:
        """float64 [s]: how likely each segment is for who chose these interests. What was not chosen says nothing
        yet: it may not have been looked at."""
        columns = np.isin(self.interest_ids, chosen)
        likely = self.weights * self.chances[:, columns].prod(axis=1)
        posterior: Floats = likely / likely.sum()
        return posterior

    def gains(self, chosen: NDArray[np.int64]) -> Floats:
        """float64 [i], in bits: what asking about each interest is expected to tell."""
        prior = self.given(chosen)
        yes = prior[:, None] * self.chances
        no = prior[:, None] - yes
        told = sum(
            one.sum(axis=0) * _entropy(one / np.maximum(one.sum(axis=0), _CERTAIN)) for one in (yes, no)
        )
        gains: Floats = _entropy(prior[:, None]) - told
        return gains


def _entropy(chances: Floats) -> Floats:
    """float64, along the first axis, in bits."""
    bits: Floats = -(chances * np.log2(np.maximum(chances, _CERTAIN))).sum(axis=0)
    return bits

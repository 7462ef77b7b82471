"""Which items a batch competes with."""

import numpy as np
from numpy.typing import NDArray


def candidates(
    positives: NDArray[np.int64], n_items: int, *, negatives: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Sorted unique items: the batch's own and `negatives` uniform ones, or the whole catalog if small."""
    if n_items <= negatives:
        return np.arange(n_items)
    return np.union1d(positives, rng.integers(0, n_items, negatives))

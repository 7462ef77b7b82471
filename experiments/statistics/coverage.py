"""How wide an arm shows the catalogue, from how often it showed each item."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def coverage_and_gini(groups: Sequence[Counts], size: int) -> tuple[list[float], list[float]]:
    """One number per group of users: distinct items per impression, and Gini of the items shown (0: all alike).

    Of `size` impressions drawn of each (rarefaction; Hurlbert 1971): more impressions show more items, and arms are of
    different sizes. Groups with fewer are left out. The draw is the same for the same counts.
    """
    random = np.random.default_rng(0)
    coverage, gini = [], []
    for counts in groups:
        if counts.sum() < size or size < 1:
            continue
        drawn = random.multivariate_hypergeometric(counts, size, method="marginals")
        shown = np.sort(drawn[drawn > 0]).astype(np.float64)
        n = len(shown)
        ranks = np.arange(1, n + 1)
        coverage.append(n / size)
        gini.append(float((2 * ranks - n - 1) @ shown / (n * shown.sum())))
    return coverage, gini

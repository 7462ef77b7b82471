"""Groups of alike vectors, each with the member that stands for it. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.ann import Vectors

# Fewer likes than this for each group, and a group would be one like.
LEAST_EACH = 4


@dataclass(frozen=True, slots=True)
class Clusters:
    """The most important first. medoids: int64 [c], rows; shares: float64 [c], their parts of all weight, sum 1."""

    medoids: NDArray[np.int64]
    shares: NDArray[np.float64]


def clustered(vectors: Vectors, weights: NDArray[np.float32], most: int) -> Clusters:
    """At most `most` groups of the vectors by Ward's method (Ward 1963), fewer of few vectors. A medoid is the member
    with the smallest sum of squared distances to the others, the first of equal ones (as in PinnerSage: Pal et al.
    2020). vectors: float32 [n, dim], n ≥ 1; weights: float32 [n], above 0."""
    n = len(vectors)
    wanted = max(1, min(most, n // LEAST_EACH))
    labels = np.ones(n, np.int64)
    if wanted > 1:
        from scipy.cluster.hierarchy import cut_tree, linkage  # noqa: PLC0415  takes longer to load than most of the product

        labels = cut_tree(linkage(vectors.astype(np.float64), "ward"), [wanted])[:, 0]
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    medoids = np.array([_medoid(vectors, rows) for rows in groups], np.int64)
    totals = np.array([float(weights[rows].sum()) for rows in groups])
    order = np.lexsort((medoids, -totals))
    return Clusters(medoids[order], totals[order] / max(float(totals.sum()), 1e-12))


def _medoid(vectors: Vectors, rows: NDArray[np.int64]) -> int:
    own = vectors[rows].astype(np.float64)
    # Summed over the others |x − y|² is n|x|² − 2x·Σy + a constant.
    cost = len(rows) * np.einsum("nd,nd->n", own, own) - 2 * own @ own.sum(axis=0)
    # Rounded, so that equal members are equal whatever the order of summation.
    return int(rows[np.argmin(np.round(cost, 9))])

"""Vectors that look like trained ones: clustered, few real dimensions; never independent noise."""

import numpy as np
from numpy.typing import NDArray


def clustered(n: int, dim: int, *, seed: int, clusters: int = 20) -> NDArray[np.float32]:
    """Unit rows float32 [n, dim] around `clusters` centers in a space of about 8 real dimensions."""
    rng = np.random.default_rng(seed)
    basis = np.random.default_rng(0).normal(size=(8, dim))
    centers = np.random.default_rng(1).normal(size=(clusters, 8))
    points = centers[rng.integers(clusters, size=n)] + 0.35 * rng.normal(size=(n, 8))
    rows = points @ basis
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

"""Item vectors and users' queries shaped like trained ones: clusters on a few directions, and users between items.

Never independent Gaussians: of those no two are near, every index looks bad, and none of it says anything.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.ann import Vectors

DIM = 128
_DIRECTIONS = 24  # in which clusters differ
_WITHIN = 12  # in which the items of a cluster differ
_PER_CLUSTER = 400
_NOISE = 0.02
_LIKED = 12
_BLOCK = 50_000


def items(n: int, *, seed: int = 0) -> Vectors:
    """float32 [n, DIM], unit rows, rounded to half precision as they are stored."""
    random = np.random.default_rng([seed, 1])
    clusters = max(20, n // _PER_CLUSTER)
    # A few large clusters and many small ones.
    sizes = random.dirichlet(np.full(clusters, 0.5))
    cluster = random.choice(clusters, size=n, p=sizes)
    centers = random.normal(size=(clusters, _DIRECTIONS)) @ random.normal(size=(_DIRECTIONS, DIM))
    centers /= np.linalg.norm(centers, axis=1, keepdims=True)
    spread = random.normal(size=(_WITHIN, DIM)) / np.sqrt(DIM)
    rows = np.empty((n, DIM), np.float32)
    for start in range(0, n, _BLOCK):
        own = cluster[start : start + _BLOCK]
        points = centers[own] + 0.18 * random.normal(size=(len(own), _WITHIN)) @ spread
        points += _NOISE * random.normal(size=points.shape)
        rows[start : start + len(own)] = _unit(points)
    return rows.astype(np.float16).astype(np.float32)


def users(rows: Vectors, n: int, *, seed: int = 0) -> Vectors:
    """float32 [n, DIM], unit rows: each the mean of a dozen items from the neighborhoods of one to four items."""
    random = np.random.default_rng([seed, 2])
    queries = np.empty((n, DIM), np.float32)
    pool = rows[random.permutation(len(rows))[: min(len(rows), 20_000)]]
    for user in range(n):
        tastes = pool[random.integers(len(pool), size=random.integers(1, 5))]
        near = np.argsort(-(pool @ tastes.T), axis=0)[:50]
        liked = near[random.integers(len(near), size=_LIKED), random.integers(len(tastes), size=_LIKED)]
        queries[user] = pool[liked].mean(axis=0)
    return _unit(queries)


def nearest(rows: Vectors, queries: Vectors, k: int) -> NDArray[np.int64]:
    """int64 [n, k]: places of the rows with the largest inner products, in no order."""
    found = np.empty((len(queries), k), np.int64)
    for number, query in enumerate(queries):
        found[number] = np.argpartition(-(rows @ query), k - 1)[:k]
    return found


def _unit(rows: NDArray[np.floating]) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit

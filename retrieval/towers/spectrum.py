"""Where the towers may start: the singular vectors of who likes what, which need no gradient.

The ideal low-pass filter of GF-CF (Shen et al. 2021) as two tables: X's rows times `history` are users, their inner
products with `items` the scores. Inner products become cosines by one more coordinate that no user has (Bachrach et
al. 2014): items get length 1 and the order stays. What content explains of the vectors is given to the tokens, so
that an item which nobody has touched is placed by them; the rest is the item's own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

Floats = NDArray[np.float32]
_POWER_ITERATIONS = 4
_OVERSAMPLING = 32
_RIDGE = 4.0  # likes-free items that a token must describe before it is believed


@dataclass(frozen=True, slots=True)
class Spectrum:
    """items: float32 [n_items, dim], unit rows (0 for items that nobody likes); history: float32 [n_items, dim]."""

    items: Floats
    history: Floats


def spectrum(liked: csr_array, *, dim: int, seed: int) -> Spectrum:
    """The tables of `dim` - 1 singular vectors and the coordinate that makes lengths 1.

    liked: float32 [n_users, n_items], 1 where liked.
    """
    by_user = np.maximum(np.asarray(liked.sum(axis=1)).ravel(), 1)
    by_item = np.asarray(liked.sum(axis=0)).ravel()
    root = np.sqrt(np.maximum(by_item, 1)).astype(np.float32)
    normal = csr_array(diags_array(by_user**-0.5) @ liked @ diags_array(1 / root), dtype=np.float32)
    right = right_singular_vectors(normal, dim - 1, seed=seed)
    items, history = right * root[:, None], right / root[:, None]
    length = np.linalg.norm(items, axis=1)
    longest = max(float(length.max(initial=0)), 1e-12)
    rest = np.sqrt(np.maximum(1 - (length / longest) ** 2, 0)) * (by_item > 0)
    none = np.zeros(len(root), np.float32)
    rank = right.shape[1]
    pad = np.zeros((len(root), dim - 1 - rank), np.float32)
    # A user's sum shall have about length 1, so that a profile's vector weighs as it does from a random start.
    users = normal[: min(normal.shape[0], 4096)] @ right
    scale = max(float(np.sqrt(np.square(users).sum(axis=1)).mean()), 1e-12)
    return Spectrum(
        np.column_stack([items / longest, pad, rest]).astype(np.float32),
        np.column_stack([history / scale, pad, none]).astype(np.float32),
    )


def right_singular_vectors(matrix: csr_array, rank: int, *, seed: int) -> Floats:
    """float32 [columns, at most rank], orthonormal, of the largest singular values first (Halko et al. 2011)."""
    rank = min(rank, *matrix.shape)
    rng = np.random.default_rng(seed)
    transposed = csr_array(matrix.T)
    width = min(rank + _OVERSAMPLING, *matrix.shape)
    basis, _ = np.linalg.qr(matrix @ rng.standard_normal((matrix.shape[1], width), dtype=np.float32))
    for _ in range(_POWER_ITERATIONS):
        other, _ = np.linalg.qr(transposed @ basis)
        basis, _ = np.linalg.qr(matrix @ other)
    left, _, _ = np.linalg.svd(transposed @ basis, full_matrices=False)
    vectors: Floats = left[:, :rank].astype(np.float32)
    return vectors


def explained_by(bags: csr_array, vectors: Floats, *, rows: NDArray[np.bool_], rounds: int = 30) -> Floats:
    """float32 [tokens, dim]: the ridge regression of the vectors in `rows` on their bags, by conjugate gradients."""
    some = bags[np.flatnonzero(rows)].astype(np.float32)
    transposed = csr_array(some.T)
    solution = np.zeros((bags.shape[1], vectors.shape[1]), np.float32)
    residual = transposed @ vectors[rows]
    direction, size = residual.copy(), np.square(residual).sum(axis=0)
    for _ in range(rounds):
        if float(size.max(initial=0)) < 1e-8:
            break
        moved = transposed @ (some @ direction) + _RIDGE * direction
        step = size / np.maximum((direction * moved).sum(axis=0), 1e-12)
        solution += step * direction
        residual -= step * moved
        before, size = size, np.square(residual).sum(axis=0)
        direction = residual + size / np.maximum(before, 1e-12) * direction
    return solution

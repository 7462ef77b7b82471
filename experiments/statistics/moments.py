"""Sums over the users of an arm, and of products of two columns: all that the read-out needs to know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """users: n; sums: float64 [c]; products: float64 [c, c], Σ xᵢxⱼ."""

    users: int
    sums: Floats
    products: Floats

    @classmethod
    def of(cls, rows: Floats) -> Self:
        """rows: float64 [n, c], one per user."""
        return cls(len(rows), rows.sum(axis=0), rows.T @ rows)

    @classmethod
    def stored(cls, users: int, sums: Sequence[float], products: Sequence[float]) -> Self:
        width = len(sums)
        return cls(users, np.array(sums, np.float64), np.array(products, np.float64).reshape(width, width))

    def __add__(self, other: Self) -> "Moments":
        return Moments(self.users + other.users, self.sums + other.sums, self.products + other.products)

    @property
    def means(self) -> Floats:
        return self.sums / max(self.users, 1)

    @property
    def covariance(self) -> Floats:
        """float64 [c, c], unbiased."""
        centered = self.products - np.outer(self.sums, self.sums) / max(self.users, 1)
        return np.asarray(centered / max(self.users - 1, 1), np.float64)

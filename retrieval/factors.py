"""The small file of a version's factorization: what a user's vector is solved with, besides her items' factors."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from retrieval import artifacts

ARTIFACT = "factors"
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Factors:
    """gram: float32 [factors, factors], the inner products of the factors over all items plus the regularization;
    confidence: by how much a full like counts more than a pair of which nothing is known."""

    gram: Floats
    confidence: float

    def user(self, liked: Floats, shares: Floats) -> Floats:
        """float32 [factors + 1]: the user who solves one step of alternating least squares (Hu et al. 2008), and 0
        for the coordinate that makes items' lengths 1.

        liked: float32 [n, factors]; shares: float32 [n], how much each like says, of which the largest counts as 1.
        """
        confidence = self.confidence * shares / max(float(shares.max(initial=0)), 1e-12)
        system = self.gram + liked.T @ (liked * confidence[:, None])
        solved = np.linalg.solve(system, liked.T @ (1 + confidence))
        return np.append(solved, 0).astype(np.float32)

    def packed(self) -> bytes:
        return save(
            {"gram": np.ascontiguousarray(self.gram), "confidence": np.array([self.confidence], np.float32)}
        )

    @classmethod
    def unpacked(cls, body: bytes) -> Self:
        arrays = load(body)
        return cls(arrays["gram"], float(arrays["confidence"][0]))


@lru_cache(maxsize=4)
def factors_of(version: int) -> Factors:
    """Raises ArtifactMissing, ArtifactDamaged."""
    return Factors.unpacked(artifacts.load(version, ARTIFACT))

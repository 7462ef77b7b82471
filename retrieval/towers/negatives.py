"""Which items a batch competes with, and how likely each of them was to be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.towers.config import NegativeShares

Items = NDArray[np.int64]
_LIKELY = 1.0  # items that were chosen, not drawn: nothing is corrected


@dataclass(frozen=True, slots=True)
class Competing:
    """items: int64 [m], sorted, each once; log_q: float32 [m], logarithm of the probability of being among them."""

    items: Items
    log_q: NDArray[np.float32]


class Sampler:
    """Draws a batch's competing items by the shares of a configuration."""

    def __init__(self, likes: NDArray[np.int64], *, negatives: int, shares: NegativeShares) -> None:
        """likes: int64 [n_items], how often each is liked. Raises ValueError for shares below 0 or all 0."""
        parts = np.array([shares.uniform, shares.popularity, shares.hard, shares.impressions])
        if (parts < 0).any() or parts.sum() == 0:
            raise ValueError(f"negative_shares are {shares}: give none below 0 and at least one above.")
        self._counts = np.rint(negatives * parts / parts.sum()).astype(int)
        self._whole = len(likes) <= negatives
        self._frequency = likes / max(likes.sum(), 1)
        smooth = np.sqrt(likes.astype(np.float64))
        self._smooth = smooth / max(smooth.sum(), 1e-12)

    @property
    def wants_hard(self) -> int:
        """How many hard negatives a batch shall have; 0 where the whole catalogue competes anyway."""
        return 0 if self._whole else int(self._counts[2])

    def draw(self, positives: Items, *, hard: Items, shown: Items, rng: np.random.Generator) -> Competing:
        """The batch's positives with what is drawn; `hard` and `shown` are what those shares may take from."""
        n = len(self._frequency)
        if self._whole:
            return Competing(np.arange(n), np.zeros(n, np.float32))
        uniform, popular, n_hard, n_shown = self._counts.tolist()
        chosen = np.concatenate([hard[:n_hard], _some(shown, n_shown, rng)])
        by_popularity = rng.choice(n, popular, p=self._smooth) if popular else np.empty(0, np.int64)
        items = np.unique(
            np.concatenate([positives, rng.integers(0, n, uniform), by_popularity, chosen]).astype(np.int64)
        )
        return Competing(items, self._log_q(items, chosen, len(positives), uniform, popular))

    def _log_q(
        self, items: Items, chosen: Items, n_positives: int, uniform: int, popular: int
    ) -> NDArray[np.float32]:
        """Of being drawn at least once, as a positive of the batch, uniformly, or by popularity."""
        missed = (
            n_positives * np.log1p(-np.minimum(self._frequency[items], 0.999))
            + uniform * np.log1p(-1 / len(self._frequency))
            + popular * np.log1p(-np.minimum(self._smooth[items], 0.999))
        )
        drawn = np.where(np.isin(items, chosen), _LIKELY, -np.expm1(missed))
        return np.log(np.maximum(drawn, 1e-12)).astype(np.float32)


def _some(items: Items, most: int, rng: np.random.Generator) -> Items:
    return rng.permutation(items)[:most]

"""Which items a batch competes with, and how likely each of them was to be."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.towers.config import NegativeShares, TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.neighbors import Visited

Items = NDArray[np.int64]
_NONE = np.empty(0, np.int64)
_LIKELY = 1.0  # items that were chosen, not drawn: nothing is corrected


@dataclass(frozen=True, slots=True)
class Competing:
    """items: int64 [m], sorted, each once; log_q: float32 [m], logarithm of the probability of being among them;
    by_walk: bool [m], which compete only with those for whom a walk led to them."""

    items: Items
    log_q: NDArray[np.float32]
    by_walk: NDArray[np.bool_]


class Sampler:
    """Draws a batch's competing items by the shares of a configuration."""

    def __init__(self, likes: NDArray[np.int64], *, negatives: int, shares: NegativeShares) -> None:
        """likes: int64 [n_items], how often each is liked. Raises ValueError for shares below 0 or all 0."""
        parts = np.array([shares.uniform, shares.popularity, shares.hard, shares.impressions, shares.walk])
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

    def wants_by_walk(self, number: int, passes: int) -> int:
        """How many negatives pass `number` of the training shall have by rank in a walk: none in the first, all that
        the shares say after so many more; 0 where the whole catalogue competes anyway."""
        grown = min(number / passes, 1.0) if passes else 1.0
        return 0 if self._whole else round(int(self._counts[4]) * grown)

    def draw(
        self,
        positives: Items,
        *,
        hard: Items,
        shown: Items,
        rng: np.random.Generator,
        refused: Items = _NONE,
        by_walk: Items = _NONE,
    ) -> Competing:
        """The batch's positives with what is drawn; `hard` and `shown` are what those shares may take from; `refused`
        and `by_walk` compete all of them."""
        n = len(self._frequency)
        if self._whole:
            return Competing(np.arange(n), np.zeros(n, np.float32), np.zeros(n, np.bool_))
        uniform, popular, n_hard, n_shown, _ = self._counts.tolist()
        chosen = np.concatenate([hard[:n_hard], _some(shown, n_shown, rng), refused])
        by_popularity = rng.choice(n, popular, p=self._smooth) if popular else np.empty(0, np.int64)
        anyway = np.concatenate([positives, rng.integers(0, n, uniform), by_popularity, chosen])
        items = np.union1d(anyway, by_walk).astype(np.int64)
        apart = ~np.isin(items, anyway)
        chosen = np.concatenate([chosen, items[apart]])
        return Competing(items, self._log_q(items, chosen, len(positives), uniform, popular), apart)

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


@dataclass(frozen=True, slots=True)
class Pairs:
    """Negatives of single users: rows, int64 [n], their places in the batch; items, int64 [n]."""

    rows: NDArray[np.int64]
    items: Items

    @classmethod
    def none(cls) -> Self:
        return cls(_NONE, _NONE)


@dataclass(frozen=True, slots=True)
class ByWalk:
    """Hard negatives by their rank among what walks from a target visit (PinSage: Ying et al. 2018, section 3.3).

    items: int32 [n_items, ranks], -1 where a walk met no more; liked: int64, sorted, user * n_items + item.
    """

    items: NDArray[np.int32]
    liked: NDArray[np.int64]

    @classmethod
    def of(cls, visited: Visited, data: TrainingData, config: TowerConfig) -> Self:
        kept = data.weight > 0
        keys = data.user_index[kept].astype(np.int64) * data.n_items + data.item_index[kept]
        return cls(visited.items[:, config.walk_first_rank - 1 : config.walk_last_rank], np.unique(keys))

    def draw(
        self,
        users: NDArray[np.int64],
        target_row: NDArray[np.int64],
        target_item: Items,
        most: int,
        rng: np.random.Generator,
    ) -> Pairs:
        """At most so many, each for the user of a target drawn at random; without what she likes, however long ago.
        Nobody else is told that these are negatives: for another user they may be what walks lead to first."""
        if not len(target_item):
            return Pairs.none()
        chosen = rng.integers(0, len(target_item), most)
        rows, near = target_row[chosen], self.items[target_item[chosen]]
        met = (near >= 0).sum(axis=1)
        items = near[np.arange(most), (rng.random(most) * met).astype(np.int64)].astype(np.int64)
        keys = users[rows] * len(self.items) + items
        kept = (items >= 0) & ~np.isin(keys, self.liked)
        return Pairs(rows[kept], items[kept])

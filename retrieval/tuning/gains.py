"""What one mix finds more than another, with how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.merging import MERGES
from retrieval.tuning.recording import Recorded

_DRAWS = 1_000


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean recalls of n requests, and the 95 % interval of their difference over users."""

    present: float
    tuned: float
    low: float
    high: float
    n: int

    @property
    def value(self) -> float:
        return self.tuned - self.present

    def __str__(self) -> str:
        interval = f"({self.low:+.4f} to {self.high:+.4f})"
        return f"{self.present:.4f} to {self.tuned:.4f}, {self.value:+.4f} {interval}, n {self.n}"


def gain(present: NDArray[np.float64], tuned: NDArray[np.float64], users: NDArray[np.int64]) -> Gain:
    """Of paired requests [n]. The interval is bootstrapped over users, as requests of one user are not independent."""
    _, rows = np.unique(users, return_inverse=True)
    sums = np.bincount(rows, weights=tuned - present)
    counts = np.bincount(rows)
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(sums), (_DRAWS, len(sums)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975]).tolist()
    return Gain(float(present.mean()), float(tuned.mean()), low, high, len(present))


def recall_as_merged(recorded: Recorded, merge: str, depths: Sequence[int]) -> float:
    """The mean over depths of the request's recall, as the present mix's own merge orders it."""
    order = np.argsort(-MERGES[merge](recorded.given), kind="stable")
    order = order[recorded.kept[order]]
    hits = np.isin(recorded.item_ids[order], recorded.wanted)
    return float(np.mean([hits[:depth].sum() for depth in depths]) / len(recorded.wanted))

"""Users' sequences as windows: what was turned to, and at each place what followed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.towers.data import TrainingData

_LENGTHS_APART = 8
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Windows:
    """A batch. read: int64 [b, length], rows of items from the left, 0 where nothing is left; follows: int64, likewise,
    what came after; counts: float32, likewise, how much that example counts: 0 where there is nothing, or something
    that the user had already."""

    read: NDArray[np.int64]
    follows: NDArray[np.int64]
    counts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sequences:
    """Likes by user, then time, without an item that follows itself. user, item, at_s (Unix time): [n]; counts:
    float32 [n], what each counts where it is to be found."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    at_s: NDArray[np.int64]
    counts: NDArray[np.float32]

    @classmethod
    def of(cls, data: TrainingData, *, half_life_days: float | None, rng: np.random.Generator) -> "Sequences":
        """Events of one second come in no order, so in a random one, another one each time."""
        rows = np.flatnonzero(data.weight > 0)
        rows = rows[np.lexsort((rng.random(len(rows)), data.occurred_at_s[rows], data.user_index[rows]))]
        user, item = data.user_index[rows], data.item_index[rows]
        turned = np.ones(len(rows), np.bool_)
        turned[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
        user, item, at_s = user[turned], item[turned], data.occurred_at_s[rows[turned]]
        counts = np.zeros(len(user), np.float32)
        # What somebody has is not offered to her: only the first time is worth finding.
        first = np.unique(user.astype(np.int64) * data.n_items + item, return_index=True)[1]
        counts[first] = 1.0
        if half_life_days is not None and len(at_s):
            counts *= np.exp2(-(at_s.max() - at_s) / (_DAY_S * half_life_days)).astype(np.float32)
        return cls(user, item, at_s, counts)

    def ordered_share(self) -> float:
        """Of the steps from one event of a user to the next, the share that took a second or more; 0 without any. An
        import may carry one date for all."""
        steps = self.user[1:] == self.user[:-1]
        return float((self.at_s[1:] > self.at_s[:-1])[steps].mean()) if steps.any() else 0.0

    def windows(self, length: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(starts, ends) of what is read, int64 [n]: each sequence cut where chance has it, so that every event is read
        at every place of a window in its turn, and short sequences are seen as often as long ones."""
        follows = np.zeros(len(self.user), np.bool_)
        follows[:-1] = self.user[:-1] == self.user[1:]
        begins = np.ones(len(self.user), np.bool_)
        begins[1:] = self.user[1:] != self.user[:-1]
        first = np.flatnonzero(begins)
        sizes = np.diff(np.append(first, len(self.user)))
        offsets = np.repeat(rng.integers(0, length, len(first)) - first, sizes)
        starts = np.flatnonzero(follows & (begins | ((np.arange(len(self.user)) + offsets) % length == 0)))
        # Up to the next window, or to the sequence's last event, which nothing follows.
        stops = np.append(starts[1:], len(self.user))
        lasts = np.repeat(first + sizes - 1, sizes)[starts]
        return starts.astype(np.int64), np.minimum(stops, lasts).astype(np.int64)

    def batch(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Windows:
        places = starts[:, None] + np.arange(int((ends - starts).max()))
        inside = places < ends[:, None]
        places = np.where(inside, places, 0)
        following = np.where(inside, places + 1, 0)
        return Windows(
            np.where(inside, self.item[places], 0).astype(np.int64),
            np.where(inside, self.item[following], 0).astype(np.int64),
            np.where(inside, self.counts[following], 0).astype(np.float32),
        )


def batches(
    sequences: Sequences, *, length: int, size: int, most: int, rng: np.random.Generator
) -> Iterator[Windows]:
    """At most `most` windows, `size` at a time: such as are about equally long, in random order."""
    starts, ends = sequences.windows(length, rng)
    if len(starts) > most:
        chosen = np.sort(rng.choice(len(starts), most, replace=False))
        starts, ends = starts[chosen], ends[chosen]
    order = np.lexsort((rng.random(len(starts)), (ends - starts) // _LENGTHS_APART))
    for first in rng.permutation(np.arange(0, len(order), size)).tolist():
        rows = order[first : first + size]
        yield sequences.batch(starts[rows], ends[rows])

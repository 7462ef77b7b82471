"""Who is held out, what is shown of each, and what is to be found."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import DISLIKE, LIKE, NEGATIVE_TYPES, DataSet, Events
from benchmarks.protocols import all_events, rows_of

HELD_OUT_SHARE = 0.1
SHOWN_SHARE = 0.5  # of each person's events, the first ones; the rest is to be found
FEWEST_EVENTS = 20
_TENTHS = round(1 / HELD_OUT_SHARE)


@dataclass(frozen=True)
class HeldOut:
    """A tenth of the people, entirely left out of `data.train`.

    users: rows of the data set's users; shown: rows of `events` for each, in order of time; wanted: items of each that
    were liked in the rest and not met before.
    """

    data: DataSet
    events: Events
    users: NDArray[np.int64]
    shown: list[NDArray[np.int64]]
    wanted: list[NDArray[np.int64]]

    def items_shown(self, place: int) -> NDArray[np.int64]:
        """What is known to be no answer in any case: the same items compete in all of them."""
        return np.unique(self.events.item_index[self.shown[place]])

    def liked_shown(self, place: int) -> NDArray[np.int64]:
        rows = self.shown[place]
        return np.unique(self.events.item_index[rows[worth(self.events, rows)]])


def hold_out(data: DataSet, *, fold: int) -> HeldOut:
    """One of ten tenths of the people who did enough and have something to find, the same in every run."""
    events = all_events(data)
    events = rows_of(events, np.lexsort((events.occurred_at_s, events.user_index)))
    bounds = np.searchsorted(events.user_index, np.arange(data.shape[0] + 1))
    parts = {user: _parts(events, *bounds[user : user + 2]) for user in range(data.shape[0])}
    usable = np.array([user for user, (_, wanted) in parts.items() if len(wanted)])
    order = np.random.default_rng(0).permutation(usable)
    users = np.sort(np.array_split(order, _TENTHS)[fold])
    rest = rows_of(events, ~np.isin(events.user_index, users))
    return HeldOut(
        data=replace(data, train=rest, protocol="cold"),
        events=events,
        users=users,
        shown=[parts[user][0] for user in users.tolist()],
        wanted=[parts[user][1] for user in users.tolist()],
    )


def tenths(text: str) -> Sequence[int]:
    """The folds, from 0, that "5" (the first five) or "6-10" (the sixth to the tenth) names."""
    first, _, last = text.rpartition("-")
    try:
        low, high = int(first or 1), int(last)
    except ValueError:
        low = high = 0
    if not 1 <= low <= high <= _TENTHS:
        raise argparse.ArgumentTypeError(
            f"{text!r}: give how many tenths, as 5, or which, as 6-10; there are 10."
        )
    return range(low - 1, high)


def worth(events: Events, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the events say that their item was worth finding."""
    if (events.types == DISLIKE).any():
        return np.asarray(events.types[rows] == LIKE)
    return ~np.isin(events.types[rows], list(NEGATIVE_TYPES))


def _parts(events: Events, start: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(rows shown, items wanted) of one person; nothing wanted of who did too little."""
    rows = np.arange(start, end)
    if len(rows) < FEWEST_EVENTS:
        return rows, np.empty(0, np.int64)
    middle = round(len(rows) * SHOWN_SHARE)
    shown, rest = rows[:middle], rows[middle:]
    liked = np.unique(events.item_index[rest[worth(events, rest)]])
    return shown, np.setdiff1d(liked, events.item_index[shown])

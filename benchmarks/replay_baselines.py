"""The simple rules that a replay is compared with: each knows, at each event, only what came before it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HOUR_S = 3600.0


@dataclass(frozen=True)
class ReplayEvents:
    """All events in order of time. counted: bool [n], those whose item is asked for just before."""

    user_index: NDArray[np.int64]
    item_index: NDArray[np.int64]
    types: NDArray[np.str_]
    occurred_at_s: NDArray[np.int64]
    counted: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.counted)

    def item_ages_s(self) -> NDArray[np.int64]:
        """int64 [counted]: seconds since the item's first event; -1 where nobody had met it."""
        _, first, item = np.unique(self.item_index, return_index=True, return_inverse=True)
        ages = self.occurred_at_s - self.occurred_at_s[first][item]
        ages[first] = -1
        return ages[self.counted]

    def histories(self) -> NDArray[np.int64]:
        """int64 [counted]: how many events the user had before."""
        order = np.argsort(self.user_index, kind="stable")
        _, starts, sizes = np.unique(self.user_index[order], return_index=True, return_counts=True)
        before = np.empty(len(self), np.int64)
        before[order] = np.arange(len(self)) - np.repeat(starts, sizes)
        return before[self.counted]


# (scores now [n_items], item, seconds since the first event) -> moves the scores.
Rule = Callable[[NDArray[np.float64], int, float], None]


def popularity(scores: NDArray[np.float64], item: int, at_s: float) -> None:
    scores[item] += 1


def newest_first(scores: NDArray[np.float64], item: int, at_s: float) -> None:
    if scores[item] == 0:
        scores[item] = 1 + at_s


def decayed(hours: float) -> Rule:
    """Each event counts 1, and 1/e of it `hours` later. The logarithm of the forward-decayed sum: it cannot
    overflow, and the order is the same."""

    def move(scores: NDArray[np.float64], item: int, at_s: float) -> None:
        added = 1 + at_s / (hours * _HOUR_S)
        scores[item] = added if scores[item] == 0 else np.logaddexp(scores[item], added)

    return move


RULES: dict[str, Rule] = {
    "popularity": popularity,
    "newest-first": newest_first,
    "decayed-6h": decayed(6),
    "decayed-24h": decayed(24),
    "decayed-72h": decayed(72),
}


def ranks(rule: Rule, events: ReplayEvents) -> NDArray[np.int64]:
    """The rank of each counted event's item among what its user had not seen, 0 where nobody had met it."""
    n_users, n_items = int(events.user_index.max()) + 1, int(events.item_index.max()) + 1
    scores = np.zeros(n_items)
    seen = np.zeros((n_users, n_items), np.bool_)
    found = []
    start_s = int(events.occurred_at_s[0])
    rows = zip(
        events.user_index.tolist(), events.item_index.tolist(), events.occurred_at_s.tolist(), strict=True
    )
    for (user, item, at_s), counted in zip(rows, events.counted.tolist(), strict=True):
        if counted:
            better = (scores > scores[item]) & ~seen[user]
            found.append(int(better.sum()) + 1 if scores[item] > 0 else 0)
        rule(scores, item, at_s - start_s)
        seen[user, item] = True
    return np.array(found, np.int64)

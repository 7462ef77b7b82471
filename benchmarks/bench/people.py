"""Who they are, what they did and whom they follow: activity in a power law, tastes near a few clusters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench.world import Items, Rows, Shelf

_FEWEST, _MOST, _MEAN_OF_TAIL = 8, 1500, 1.6
_TASTES = 4
_OUTSIDE = 0.15  # of what people do: whatever is popular, wherever it belongs
_DAYS = 60.0
# In the order of the catalog's own types: view, click, like, share, purchase, follow, dislike.
_TYPES, _OFTEN = np.arange(1, 8), np.array([0.5, 0.25, 0.15, 0.03, 0.03, 0.01, 0.03])
_FRIENDS, _MUTUAL = 8, 0.4
_CREATORS = 3
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class People:
    """tastes: int64 [n, 4], clusters, the first the strongest; events, follows and creators' follows as parallel
    columns of rows (of users, items, creators). Events by user and time; times in seconds before now, ascending in
    time."""

    tastes: Rows
    counts: Rows  # [n]: events per user
    event_item: Rows
    event_type: NDArray[np.int16]
    event_age_s: Rows
    follower: Rows
    followee: Rows
    fan: Rows
    fan_of: Rows

    def __len__(self) -> int:
        return len(self.tastes)

    @property
    def event_user(self) -> Rows:
        return np.repeat(np.arange(len(self)), self.counts)


def make_people(n: int, items: Items, chance: np.random.Generator) -> People:
    shelf = Shelf.of(items)
    tastes = _tastes(n, items, shelf, chance)
    counts = np.clip(_FEWEST * (1 + chance.pareto(_MEAN_OF_TAIL, n)), _FEWEST, _MOST).astype(np.int64)
    user = np.repeat(np.arange(n), counts)
    event_item = shelf.draw(what_next(tastes, user, chance), chance)
    # The square: more of late than long ago; nothing in the last day, which is told through the front door.
    age_s = (DAY_S * (1 + (_DAYS - 1) * chance.random(len(user)) ** 2)).astype(np.int64)
    order = np.lexsort((-age_s, user))
    follower, followee = _friends(tastes, chance)
    fan = np.repeat(np.arange(n), _CREATORS)
    fan_of = items.creator[shelf.draw(tastes[fan, chance.integers(0, _TASTES, len(fan))], chance)]
    pairs = np.unique(np.stack([fan, fan_of], axis=1), axis=0)
    return People(
        tastes=tastes,
        counts=counts,
        event_item=event_item[order],
        event_type=event_types(len(user), chance),
        event_age_s=age_s[order],
        follower=follower,
        followee=followee,
        fan=pairs[:, 0],
        fan_of=pairs[:, 1],
    )


def what_next(tastes: Rows, users: Rows, chance: np.random.Generator) -> Rows:
    """For each of the users the cluster that they turn to next; -1 for anything at all."""
    # The first taste is half of what they do, each other one half of what is left.
    place = np.minimum(chance.geometric(0.5, len(users)) - 1, _TASTES - 1)
    return np.where(chance.random(len(users)) < _OUTSIDE, -1, tastes[users, place])


def event_types(n: int, chance: np.random.Generator) -> NDArray[np.int16]:
    return chance.choice(_TYPES, n, p=_OFTEN).astype(np.int16)


def _tastes(n: int, items: Items, shelf: Shelf, chance: np.random.Generator) -> Rows:
    """Clusters of one home category, with an excursion: two of the four from anywhere, by popularity."""
    anywhere = items.cluster[shelf.draw(np.full(n * _TASTES, -1), chance)].reshape(n, _TASTES)
    category_of = np.zeros(shelf.clusters, np.int64)
    category_of[items.cluster] = items.category
    by_category = np.argsort(category_of, kind="stable")
    starts = np.searchsorted(category_of[by_category], np.arange(category_of.max() + 2))
    home = category_of[anywhere[:, 0]]
    near = starts[home] + (chance.random(n) * (starts[home + 1] - starts[home])).astype(np.int64)
    anywhere[:, 1] = by_category[near]
    return anywhere


def _friends(tastes: Rows, chance: np.random.Generator) -> tuple[Rows, Rows]:
    """Whom each follows: mostly people with the same first taste, two in five of them mutually."""
    n = len(tastes)
    wanted = np.minimum(chance.geometric(1 / _FRIENDS, n), 100)
    follower = np.repeat(np.arange(n), wanted)
    alike = np.argsort(tastes[:, 0], kind="stable")
    place_of = np.empty(n, np.int64)
    place_of[alike] = np.arange(n)
    near = alike[(place_of[follower] + chance.integers(-30, 31, len(follower))) % n]
    followee = np.where(chance.random(len(follower)) < 0.2, chance.integers(0, n, len(follower)), near)
    back = chance.random(len(follower)) < _MUTUAL
    pairs = np.unique(
        np.concatenate([np.stack([follower, followee], 1), np.stack([followee[back], follower[back]], 1)]),
        axis=0,
    )
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pairs[:, 0], pairs[:, 1]

"""What the towers learn from: plain arrays, made by the snapshot, never by the ORM."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.encoder import ItemFeatures, one_event_per_item


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Events sorted by user, then time; columns of items and users are empty where nothing is known."""

    user_index: NDArray[np.int32]  # [n], rows of the user columns, not decreasing
    item_index: NDArray[np.int32]  # [n], rows of the item columns
    weight: NDArray[np.float32]  # [n], below 0: dislike
    occurred_at_s: NDArray[np.int64]  # [n], Unix time
    n_users: int
    item_ids: NDArray[np.int64]  # [n_items]
    user_ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # [n_users] or empty
    tags: list[tuple[str, ...]] = field(default_factory=list)
    category: list[str] = field(default_factory=list)
    creator: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    description: list[str] = field(default_factory=list)
    published_at_s: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    age_group: list[str] = field(default_factory=list)
    location: list[str] = field(default_factory=list)
    user_language: list[str] = field(default_factory=list)
    dwell_share: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))  # [n] or empty
    kinds: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # [n] or empty: a bit for
    kind_names: list[str] = field(default_factory=list)  # each of these types of event, the first lowest
    shown_user: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))  # not decreasing
    shown_item: NDArray[np.int32] = field(
        default_factory=lambda: np.empty(0, np.int32)
    )  # seen, not engaged with
    shown_at_s: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # Unix time

    def __post_init__(self) -> None:
        lengths = {len(self.user_index), len(self.item_index), len(self.weight), len(self.occurred_at_s)}
        if len(lengths) != 1:
            raise ValueError(f"the columns of events differ in length: {sorted(lengths)}")
        if len({len(self.shown_user), len(self.shown_item), len(self.shown_at_s)}) != 1:
            raise ValueError("the columns of what was shown differ in length")
        for name in ("dwell_share", "kinds"):
            if len(getattr(self, name)) not in (0, len(self)):
                raise ValueError(f"{name} has {len(getattr(self, name))} rows for {len(self)} events")
        if np.any(np.diff(self.user_index) < 0) or np.any(np.diff(self.shown_user) < 0):
            raise ValueError("events must be sorted by user, then time")
        for name in ("tags", "category", "creator", "language", "title", "description", "published_at_s"):
            if len(getattr(self, name)) not in (0, self.n_items):
                raise ValueError(f"{name} has {len(getattr(self, name))} rows for {self.n_items} items")
        for name in ("age_group", "location", "user_language", "user_ids"):
            if len(getattr(self, name)) not in (0, self.n_users):
                raise ValueError(f"{name} has {len(getattr(self, name))} rows for {self.n_users} users")

    @property
    def n_items(self) -> int:
        return len(self.item_ids)

    def __len__(self) -> int:
        return len(self.user_index)

    def select(self, mask: NDArray[np.bool_]) -> "TrainingData":
        """The same users and items with only these events."""
        return replace(
            self,
            user_index=self.user_index[mask],
            item_index=self.item_index[mask],
            weight=self.weight[mask],
            occurred_at_s=self.occurred_at_s[mask],
            dwell_share=_where_known(self.dwell_share, mask),
            kinds=_where_known(self.kinds, mask),
        )

    def before(self, time_s: int) -> "TrainingData":
        """The same users and items with only what happened before that Unix time."""
        shown = self.shown_at_s < time_s
        return replace(
            self.select(self.occurred_at_s < time_s),
            shown_user=self.shown_user[shown],
            shown_item=self.shown_item[shown],
            shown_at_s=self.shown_at_s[shown],
        )

    def target_weight(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """How much these events count where they are to be found: by type, and by dwell where it is known."""
        weights = self.weight[rows]
        return weights * self.dwell_share[rows] if len(self.dwell_share) else weights

    def shown_to(self, users: NDArray[np.int64]) -> NDArray[np.int64]:
        """Items that these users were shown and left."""
        shown: NDArray[np.int64] = self.shown_item[np.isin(self.shown_user, users)].astype(np.int64)
        return shown

    def likes(self) -> NDArray[np.int64]:
        """int64 [n_items]: how many events above 0 each item has."""
        return np.bincount(self.item_index[self.weight > 0], minlength=self.n_items).astype(np.int64)

    def liked(self) -> csr_array:
        """float32 [n_users, n_items]: 1 where liked; one event per user and item."""
        kept = self.weight > 0
        ones = np.ones(int(kept.sum()), np.float32)
        return csr_array((ones, (self.user_index[kept], self.item_index[kept])), (self.n_users, self.n_items))

    def user_bounds(self) -> NDArray[np.int64]:
        """[n_users + 1]: the events of user u are bounds[u]:bounds[u + 1]."""
        return np.searchsorted(self.user_index, np.arange(self.n_users + 1)).astype(np.int64)

    def item_features(self) -> list[ItemFeatures]:
        columns: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("tags", "category", "creator", "language", "title", "description", "published_at_s")
            if len(getattr(self, name))
        }
        return [
            ItemFeatures(**{name: column[row] for name, column in columns.items()})
            for row in range(self.n_items)
        ]

    def profiles(self) -> list[dict[str, str]]:
        columns: dict[str, list[str]] = {
            "age_group": self.age_group,
            "location": self.location,
            "language": self.user_language,
            "user": self.user_ids.astype(str).tolist(),
        }
        return [
            {name: column[row] for name, column in columns.items() if column} for row in range(self.n_users)
        ]


def without_repeats(data: TrainingData) -> TrainingData:
    """One event per user and item, chosen as the encoder chooses on line."""
    keys = data.user_index.astype(np.int64) * data.n_items + data.item_index
    rows, weights = one_event_per_item(keys, data.weight)
    return replace(
        data,
        user_index=data.user_index[rows],
        item_index=data.item_index[rows],
        weight=weights,
        occurred_at_s=data.occurred_at_s[rows],
        dwell_share=_where_known(data.dwell_share, rows),
        kinds=_all_kinds(keys, data.kinds)[rows] if len(data.kinds) else data.kinds,
    )


def _where_known(column: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    return column[rows] if len(column) else column


def _all_kinds(keys: NDArray[np.int64], kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 [n]: the bits of all events with the same key."""
    order = np.argsort(keys, kind="stable")
    first = np.append(True, np.diff(keys[order]) != 0)
    together = np.bitwise_or.reduceat(kinds[order], np.flatnonzero(first))
    joined = np.empty_like(kinds)
    joined[order] = together[np.cumsum(first) - 1]
    return joined

"""What the towers learn from: plain arrays, made by the snapshot, never by the ORM."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    def __post_init__(self) -> None:
        lengths = {len(self.user_index), len(self.item_index), len(self.weight), len(self.occurred_at_s)}
        if len(lengths) != 1:
            raise ValueError(f"the columns of events differ in length: {sorted(lengths)}")
        if np.any(np.diff(self.user_index) < 0):
            raise ValueError("events must be sorted by user, then time")
        for name in ("tags", "category", "creator", "language", "title", "description", "published_at_s"):
            if len(getattr(self, name)) not in (0, self.n_items):
                raise ValueError(f"{name} has {len(getattr(self, name))} rows for {self.n_items} items")
        for name in ("age_group", "location", "user_language"):
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
        )

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
        columns = {"age_group": self.age_group, "location": self.location, "language": self.user_language}
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
    )

"""A snapshot as the arrays that training reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from retrieval.offline.snapshot import read_manifest
from retrieval.towers.data import TrainingData
from retrieval.types import Ids

_FEWEST_DWELLS = 5
_MOST_KINDS = 63


@dataclass(frozen=True, slots=True)
class SnapshotArrays:
    """What the towers learn from, with the ids and the flags that they do without.

    user_ids: int64 [n_users], ascending, users with at least one event; active: bool [n_items].
    """

    data: TrainingData
    user_ids: Ids
    active: NDArray[np.bool_]

    def before(self, time_s: int) -> "SnapshotArrays":
        """The same users and items with only the events before that Unix time."""
        return replace(self, data=self.data.before(time_s))


def read_snapshot(folder: Path) -> SnapshotArrays:
    """Events sorted by user, then time; items by id. Events of items that are gone are left out. Raises
    SnapshotMissing."""
    types = read_manifest(folder).get("event_types", {})
    items = pq.read_table(folder / "items.parquet")
    item_ids = items["item_id"].to_numpy()
    events = _columns(folder / "events.parquet")
    item_index = _places(item_ids, events["item_id"])
    known = item_index >= 0
    user_ids = np.unique(events["user_id"][known])
    order = np.lexsort((events["occurred_at_s"], events["user_id"]))
    order = order[known[order]]
    kinds, kind_names = _kinds(events["type_id"][order], types)
    users = _profiles(folder / "users.parquet", user_ids)
    shown = _shown(folder / "impressions.parquet", user_ids, item_ids)
    data = TrainingData(
        user_index=np.searchsorted(user_ids, events["user_id"][order]).astype(np.int32),
        item_index=item_index[order].astype(np.int32),
        weight=events["weight"][order].astype(np.float32),
        occurred_at_s=events["occurred_at_s"][order],
        dwell_share=dwell_shares(item_index[order], events["dwell_s"][order]),
        kinds=kinds,
        kind_names=kind_names,
        n_users=len(user_ids),
        item_ids=item_ids,
        user_ids=user_ids,
        tags=[tuple(tags) for tags in items["tags"].to_pylist()],
        category=items["category"].to_pylist(),
        creator=items["creator"].to_pylist(),
        language=items["language"].to_pylist(),
        title=items["title"].to_pylist(),
        description=items["description"].to_pylist(),
        published_at_s=items["published_at_s"].to_numpy(),
        age_group=users["age_group"],
        location=users["location"],
        user_language=users["language"],
        **shown,
    )
    return SnapshotArrays(data, user_ids, items["active"].to_numpy().astype(np.bool_))


def dwell_shares(item_index: NDArray[np.int64], dwell_s: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much longer than usual somebody stayed with an item: float32 [n], 0.5 … 2, 1 where no dwell is known.

    Watch time as the weight of an example (Covington et al. 2016), against the item's own median, which stands for its
    length; against everybody's median where fewer than five stayed.
    """
    shares = np.ones(len(dwell_s), np.float32)
    known = np.flatnonzero(np.nan_to_num(dwell_s) > 0)
    if not len(known):
        return shares
    items, dwell = item_index[known], dwell_s[known]
    order = np.lexsort((dwell, items))
    kinds, first, counts = np.unique(items[order], return_index=True, return_counts=True)
    medians = np.where(counts >= _FEWEST_DWELLS, dwell[order][first + counts // 2], np.median(dwell))
    usual = medians[np.searchsorted(kinds, items)]
    shares[known] = np.clip(np.sqrt(dwell / usual), 0.5, 2.0)
    return shares


def _kinds(type_ids: NDArray[np.int16], names: Mapping[str, str]) -> tuple[NDArray[np.int64], list[str]]:
    """Columns of `TrainingData`; empty where the snapshot has no names, or more types than fit in the bits."""
    present, place = np.unique(type_ids, return_inverse=True)
    if not names or len(present) > _MOST_KINDS:
        return np.empty(0, np.int64), []
    return np.int64(1) << place, [names.get(str(type_id), "") for type_id in present.tolist()]


def _columns(path: Path) -> dict[str, NDArray[Any]]:
    table = pq.read_table(
        path, columns=["user_id", "item_id", "type_id", "weight", "dwell_s", "occurred_at_s"]
    )
    return {name: table[name].to_numpy() for name in table.column_names}


def _shown(path: Path, user_ids: Ids, item_ids: Ids) -> dict[str, NDArray[Any]]:
    """Columns of `TrainingData`, sorted by user; none where the snapshot was made without impressions."""
    if not path.exists():
        return {}
    table = pq.read_table(path)
    users = _places(user_ids, table["user_id"].to_numpy())
    items = _places(item_ids, table["item_id"].to_numpy())
    known = np.flatnonzero((users >= 0) & (items >= 0))
    known = known[np.argsort(users[known], kind="stable")]
    return {
        "shown_user": users[known].astype(np.int32),
        "shown_item": items[known].astype(np.int32),
        "shown_at_s": table["shown_at_s"].to_numpy()[known],
    }


def _places(sorted_ids: Ids, ids: Ids) -> NDArray[np.int64]:
    """The place of each id in `sorted_ids`, -1 where it is not there."""
    if not len(sorted_ids):
        return np.full(len(ids), -1, np.int64)
    places = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return np.where(sorted_ids[places] == ids, places, -1)


def _profiles(path: Path, user_ids: Ids) -> dict[str, list[str]]:
    """Columns of the users' profiles, one row for each of `user_ids`; empty text for those who are gone."""
    table = pq.read_table(path)
    places = _places(table["user_id"].to_numpy(), user_ids)
    columns = {}
    for name in ("age_group", "location", "language"):
        values = [*table[name].to_pylist(), ""]
        columns[name] = [values[place] for place in places]
    return columns

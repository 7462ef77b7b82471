"""A folder of gzip CSV as arrays: train, test, and what is known of users and items."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array

NEGATIVE_TYPES = frozenset({"dislike", "hide"})
# Where people also say what they dislike, only what they say they like is worth finding.
LIKE, DISLIKE = "like", "dislike"


class MissingData(Exception):
    """The folder is no data set; the message says what is missing."""


@dataclass(frozen=True)
class Events:
    """user_index, item_index: int64 [n], rows of the data set's ids; types: names [n]; occurred_at_s: int64 [n]."""

    user_index: NDArray[np.int64]
    item_index: NDArray[np.int64]
    types: NDArray[np.str_]
    occurred_at_s: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.types)


@dataclass(frozen=True)
class DataSet:
    """user_ids, item_ids: every external id of train, test and items, in order."""

    name: str
    folder: Path
    user_ids: NDArray[np.str_]
    item_ids: NDArray[np.str_]
    train: Events
    test: Events
    most_users: int | None = None  # where there are more to measure, a sample, the same in every run
    protocol: str = "given"  # how train and test were split: benchmarks/protocols.py

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.user_ids), len(self.item_ids)

    @cached_property
    def cutoff(self) -> dt.datetime:
        """The data's own "now": a second after the last event that may be known."""
        return dt.datetime.fromtimestamp(int(self.train.occurred_at_s.max()) + 1, dt.UTC)

    @cached_property
    def positive(self) -> NDArray[np.bool_]:
        """bool [train]: events that say the user likes the item."""
        return ~np.isin(self.train.types, list(NEGATIVE_TYPES))

    @cached_property
    def liked(self) -> csr_array:
        """float32 [n_users, n_items]: 1 where train has a positive event."""
        return _ones(self.train, self.positive, self.shape)

    @cached_property
    def seen(self) -> csr_array:
        """float32 [n_users, n_items]: 1 where train has any event; never to be recommended again."""
        return _ones(self.train, np.ones(len(self.train), np.bool_), self.shape)

    @cached_property
    def truth(self) -> csr_array:
        """float32 [n_users, n_items]: 1 where test has something new to the user that was worth finding."""
        kind = (
            self.test.types == LIKE
            if (self.train.types == DISLIKE).any()
            else ~np.isin(self.test.types, list(NEGATIVE_TYPES))
        )
        found = _ones(self.test, kind, self.shape)
        new = csr_array(found - found.multiply(self.seen))
        new.eliminate_zeros()
        return new

    @cached_property
    def users(self) -> NDArray[np.int64]:
        """Rows of the users with something to find, whom all figures are means over."""
        users = np.flatnonzero(np.diff(self.truth.indptr))
        if self.most_users is None or len(users) <= self.most_users:
            return users
        return np.sort(np.random.default_rng(0).choice(users, self.most_users, replace=False))


def read_dataset(folder: Path, *, most_users: int | None = None) -> DataSet:
    """Raises MissingData."""
    for name in ("train", "test"):
        if not (folder / f"{name}.csv.gz").exists():
            raise MissingData(f"{folder} has no {name}.csv.gz: DATA must name a folder with train and test.")
    train, test = read_table(folder / "train.csv.gz"), read_table(folder / "test.csv.gz")
    listed = [read_table(folder / "items.csv.gz")["item_id"]] if (folder / "items.csv.gz").exists() else []
    user_ids = np.unique(np.concatenate([_texts(train["user_id"]), _texts(test["user_id"])]))
    columns = [train["item_id"], test["item_id"], *listed]
    item_ids = np.unique(np.concatenate([_texts(column) for column in columns]))
    return DataSet(
        name=folder.name,
        folder=folder,
        user_ids=user_ids,
        item_ids=item_ids,
        train=_events(train, user_ids, item_ids),
        test=_events(test, user_ids, item_ids),
        most_users=most_users,
    )


def read_table(path: Path) -> pa.Table:
    """Ids stay text: 64-bit, negative and zero-padded ones occur."""
    kinds = {name: pa.string() for name in ("user_id", "item_id", "friend_id", "zip")}
    return pc.read_csv(path, convert_options=pc.ConvertOptions(column_types=kinds))


def _events(table: pa.Table, user_ids: NDArray[np.str_], item_ids: NDArray[np.str_]) -> Events:
    return Events(
        user_index=np.searchsorted(user_ids, _texts(table["user_id"])),
        item_index=np.searchsorted(item_ids, _texts(table["item_id"])),
        types=_texts(table["type"]),
        occurred_at_s=table["occurred_at"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy(),
    )


def _texts(column: pa.ChunkedArray) -> NDArray[np.str_]:
    return np.asarray(column.to_pylist(), np.str_)


def _ones(events: Events, mask: NDArray[np.bool_], shape: tuple[int, int]) -> csr_array:
    pairs = (events.user_index[mask], events.item_index[mask])
    matrix = csr_array((np.ones(int(mask.sum()), np.float32), pairs), shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix

"""Item to item: for each item those that its likers like too, in one table per model version.

A row holds all of an item's related items as packed bytes: one read by primary key per liked item, whatever the
size of the catalogue, and no Python object per pair. A version's rows never change, so a process keeps what it read.
"""

import threading
from functools import cache

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from retrieval.ann import IndexUnavailable
from retrieval.asking import ask
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids, Scores

# Little-endian on purpose: the bytes outlive the machine that wrote them.
RELATED_DTYPE = np.dtype([("item_id", "<i8"), ("weight", "<f4")])
_READ = "SELECT item_id, related FROM {table} WHERE item_id = ANY(%s) ORDER BY item_id"
# An item's related items and their weights, strongest first.
Related = tuple[Ids, Scores]
_NONE: Related = (np.empty(0, np.int64), np.empty(0, np.float32))
# Of the two arrays, the tuple and the entry.
_LEAST_BYTES = 400


class _Kept:
    """Lists read most recently, in at most about `RELATED_CACHE_MB`: what is found among the older ones moves to the
    younger; when those take half, the older ones go."""

    def __init__(self) -> None:
        self._young: dict[tuple[str, int], Related] = {}
        self._old: dict[tuple[str, int], Related] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, table: str, ids: list[int]) -> list[Related | None]:
        young, old = self._young, self._old
        found = [young.get((table, item_id)) or old.get((table, item_id)) for item_id in ids]
        if old:
            keys = [(table, item_id) for item_id in ids]
            moving = {
                key: one for key, one in zip(keys, found, strict=True) if one is not None and key not in young
            }
            self.add(moving)
        return found

    def add(self, lists: dict[tuple[str, int], Related]) -> None:
        with self._lock:
            self._young.update(lists)
            self._bytes += sum(_LEAST_BYTES + one[0].nbytes + one[1].nbytes for one in lists.values())
            if self._bytes > config().related_cache_mb * 500_000:
                self._young, self._old, self._bytes = {}, self._young, 0

    def forget(self) -> None:
        with self._lock:
            self._young, self._old, self._bytes = {}, {}, 0


_kept = _Kept()


def related_to(
    table: str, ids: Ids, *, most: int, deadline: Deadline | None
) -> tuple[NDArray[np.int64], Ids, Scores]:
    """Three parallel arrays, one entry per pair: the place in `ids` (int64, ascending ids), the related item (int64),
    its weight (float32; larger is closer, below 0 speaks against it). At most `most` per item, the strongest.

    At most one statement. Raises SourceTimeout past the deadline, IndexUnavailable where the version has no such table.
    """
    lists = _lists(table, ids.tolist(), deadline)
    if not lists:
        return np.empty(0, np.int64), *_NONE
    related = [item_ids[:most] for item_ids, _ in lists]
    places = np.repeat(np.arange(len(lists)), [len(one) for one in related])
    return places, np.concatenate(related), np.concatenate([weights[:most] for _, weights in lists])


def forget_related() -> None:
    """As a process that has never read any."""
    _kept.forget()


def _lists(table: str, ids: list[int], deadline: Deadline | None) -> list[Related]:
    # What an open transaction wrote may be rolled back.
    if sees_uncommitted():
        read = _read(table, ids, deadline)
        return [read[item_id] for item_id in ids]
    found = _kept.get(table, ids)
    absent = [item_id for item_id, one in zip(ids, found, strict=True) if one is None]
    if not absent:
        return [one or _NONE for one in found]
    read = _read(table, absent, deadline)
    _kept.add({(table, item_id): one for item_id, one in read.items()})
    return [one or read[item_id] for item_id, one in zip(ids, found, strict=True)]


def _read(table: str, ids: list[int], deadline: Deadline | None) -> dict[int, Related]:
    """Each of the ids with its list, which may be empty."""
    try:
        rows = ask(_statement(table), [np.array(ids, np.int64)], deadline)
    except psycopg.errors.UndefinedTable as error:
        raise IndexUnavailable(f"{table} does not exist: was its model version retired?") from error
    unpacked = ((item_id, np.frombuffer(packed, RELATED_DTYPE)) for item_id, packed in rows)
    # Copies: a column of a packed row is not contiguous, and would keep the whole row.
    lists = {
        item_id: (pairs["item_id"].astype(np.int64), pairs["weight"].astype(np.float32))
        for item_id, pairs in unpacked
    }
    return {item_id: lists.get(item_id, _NONE) for item_id in ids}


@cache
def _statement(table: str) -> str:
    return sql.SQL(_READ).format(table=sql.Identifier(table)).as_string(None)

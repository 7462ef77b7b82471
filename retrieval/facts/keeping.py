"""The facts that this process keeps. What changed is dropped before a request looks, and read again when asked for.

Postgres says in each context's statement what has changed since the process last asked (catalog/changes.py), so a
request's facts are those of its context or newer, in every process, and a warm request reads none.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.changes import EVERYTHING, MOST_CHANGES
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.facts.changes import forget_tail, tail
from retrieval.facts.columns import ItemFacts
from retrieval.facts.places import Rows
from retrieval.facts.reading import load_facts, read_records
from retrieval.facts.table import Record, Table
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids

# Of what may be kept: in one table.
MOST_OF_IT = 0.7
_stores: "dict[int, Store]" = {}  # by process id: a fork may happen while a lock is held


@dataclass(eq=False)
class _Reading:
    """Facts on their way from Postgres; `spoiled` once one of them changes meanwhile."""

    ids: frozenset[int]
    spoiled: bool = False


class Store:
    """Facts of the items asked for most recently, in at most about `limit_bytes`.

    Two tables: what is found in the older one moves to the younger; when that is full, the older one goes. The first
    one may take most of the room, so that a catalogue that fits is kept whole and nothing of it ever moves.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._young, self._old = Table(), Table()
        self._readings: set[_Reading] = set()
        self._seen: str | None = None
        self._borrowed = False

    def position(self) -> str | None:
        """The snapshot up to which changes are known; None before the first."""
        return self._seen

    def advance(self, snapshot: str, changed: Iterable[int], *, everything: bool) -> None:
        """Forgets what changed up to `snapshot`.

        Threads may come in another order than their snapshots: then the position goes back, and the same changes
        are told once more.
        """
        with self._lock:
            dropped = frozenset(changed)
            everything = everything or self._borrowed
            self._borrowed = False
            if everything:
                self._young, self._old = Table(), Table()
            elif dropped:
                self._young.drop(dropped)
                self._old.drop(dropped)
            for reading in self._readings:
                reading.spoiled |= everything or not dropped.isdisjoint(reading.ids)
            self._seen = snapshot

    def facts(self, ids: Ids, read: Callable[[Ids], list[Record]]) -> ItemFacts:
        """Facts of those `ids` (int64 [m], unique, ascending) that exist; `read` is asked for what isn't kept."""
        with self._lock:
            table, rows = self._young, self._find(ids)
            absent = ids[rows < 0]
            if not len(absent):
                return table.take(rows)
            reading = _Reading(frozenset(absent.tolist()))
            self._readings.add(reading)
        try:
            records = read(absent)
        except BaseException:
            self._end(reading)
            raise
        with self._lock:
            self._readings.discard(reading)
            # A change that was told of meanwhile won't be told again: what was read before it can't be kept.
            usable = not reading.spoiled and table is self._young
            if usable:
                table.add(records)
                rows[rows < 0] = table.find(absent)
                young, old = table.bytes(), self._old.bytes()
                if young > MOST_OF_IT * self._limit_bytes or young + old > self._limit_bytes:
                    self._young, self._old = Table(), table
        if not usable:
            records = read(ids)
            return Table(records).take(np.arange(len(records)))
        return table.take(rows[rows >= 0])

    def take_as_known(self, records: Sequence[Record]) -> None:
        """Facts that another process left behind, until the next `advance`, which forgets all."""
        with self._lock:
            self._borrowed = True
            rows = self._find(np.array([record.item_id for record in records], np.int64))
            self._young.add([record for record, row in zip(records, rows, strict=True) if row < 0])

    def knows(self, ids: Ids) -> NDArray[np.bool_]:
        with self._lock:
            return np.asarray(self._find(ids) >= 0, np.bool_)

    def bytes(self) -> int:
        """About how much memory the facts take."""
        return self._young.bytes() + self._old.bytes()

    def _end(self, reading: _Reading) -> None:
        with self._lock:
            self._readings.discard(reading)

    def _find(self, ids: Ids) -> Rows:
        """Rows of the younger table, after what only the older one has was moved there."""
        rows = self._young.find(ids)
        absent = ids[rows < 0]
        if len(absent) and len(moving := self._old.find(absent)):
            self._young.add(self._old.records(moving[moving >= 0]))
            rows[rows < 0] = self._young.find(absent)
        return rows


def position() -> str | None:
    """What `catalog.changes.CHANGES_SINCE` is to start from."""
    return None if sees_uncommitted() else _store().position()


def advance(snapshot: str, changed: list[int], *, unknown: bool) -> None:
    """Takes in the columns of `catalog.changes.CHANGES_SINCE`."""
    if not sees_uncommitted():
        # The tail first: another thread may start from the store's new position at once.
        tail().tell(snapshot, changed, incomplete=unknown)
        everything = unknown or EVERYTHING in changed or len(changed) > MOST_CHANGES
        _store().advance(snapshot, changed, everything=everything)


def current_facts(ids: Ids, deadline: Deadline | None) -> ItemFacts:
    """As `load_facts`, of unique ascending ids and not older than the last `advance`; in at most one statement,
    mostly none."""
    # What an open transaction wrote may be rolled back: nobody else may be told of it.
    if sees_uncommitted():
        return load_facts(ids, deadline)
    return _store().facts(ids, lambda absent: read_records(absent, deadline))


def knows_facts(ids: Ids) -> NDArray[np.bool_]:
    """bool [m]: of which of the ids, unique and ascending, `current_facts` would not ask Postgres."""
    return _store().knows(ids)


def take_facts_as_known(records: Sequence[Record]) -> None:
    """What another process left behind, until this one reads its first context, which says what has changed."""
    if not sees_uncommitted():
        _store().take_as_known(records)


def forget_facts() -> None:
    """As a process that has never read any."""
    _stores.clear()
    forget_tail()


def _store() -> Store:
    pid = os.getpid()
    if pid not in _stores:
        _stores.setdefault(pid, Store(limit_bytes=config().facts_cache_mb * 1_000_000))
    return _stores[pid]

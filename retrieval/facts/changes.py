"""The end of the log of changes, as this process was told of it: whether something that was made of facts at an
earlier moment, in whatever process, is still true.

Nothing here asks Postgres: a request learns what is new from the statement that it runs anyway.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalog.changes import ALL_LISTS, EVERYTHING, MOST_CHANGES, Snapshot, snapshot_of
from retrieval.sets import among, ascending
from retrieval.types import Ids

_MOST_ENTRIES = 64
_MOST_IDS = 50_000
_tails: "dict[int, Tail]" = {}  # by process id: a fork may happen while a lock is held


@dataclass(frozen=True, slots=True)
class Told:
    """What changed up to `snapshot`, since the entry before. Ids ascend.

    changed: facts of these items, or of any where `everything`; distrusted: lists with these items are to be made
    anew, or all lists where `all_lists`.
    """

    snapshot: Snapshot
    changed: Ids
    distrusted: Ids
    everything: bool
    all_lists: bool

    @classmethod
    def of(cls, snapshot: Snapshot, ids: Sequence[int]) -> "Told":
        numbers = ascending(np.array(ids, np.int64))
        return cls(
            snapshot,
            changed=numbers[numbers > EVERYTHING],
            distrusted=ascending(-numbers[(numbers < EVERYTHING) & (numbers != ALL_LISTS)]),
            everything=EVERYTHING in ids,
            all_lists=ALL_LISTS in ids,
        )

    def __len__(self) -> int:
        return len(self.changed) + len(self.distrusted)

    def and_then(self, later: "Told") -> "Told":
        return Told(
            later.snapshot,
            changed=ascending(np.concatenate([self.changed, later.changed])),
            distrusted=ascending(np.concatenate([self.distrusted, later.distrusted])),
            everything=self.everything or later.everything,
            all_lists=self.all_lists or later.all_lists,
        )

    def distrusts(self, ids: Ids) -> bool:
        return self.all_lists or bool(among(ids, self.distrusted).any())

    def touches(self, ids: Ids) -> bool:
        return self.everything or self.distrusts(ids) or bool(among(ids, self.changed).any())


class Tail:
    """Entries in the order of their snapshots; what neighbours say is joined when they become many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begins: Snapshot | None = None  # what had committed then is not in the entries
        self._ends: Snapshot | None = None
        self._entries: tuple[Told, ...] = ()

    def tell(self, snapshot: str, ids: Sequence[int], *, incomplete: bool) -> None:
        """Takes in what changed up to `snapshot` since an earlier one that was told of; `incomplete`: and perhaps
        more. Who moves a position that others start from tells first."""
        with self._lock:
            now = snapshot_of(snapshot)
            if self._ends is not None and self._ends.sees_all_of(now):
                return  # a thread that comes late brings nothing new
            self._ends = now
            if incomplete or len(ids) > MOST_CHANGES or self._begins is None:
                self._begins, self._entries = now, ()
            elif ids:
                self._entries = self._joined((*self._entries, Told.of(now, ids)))

    def since(self, moment: str) -> list[Told] | None:
        """What was told of that `moment`, a snapshot's text, had not seen; None where some of it may be forgotten.
        Raises ValueError for what is no snapshot."""
        then = snapshot_of(moment)
        with self._lock:
            begins, entries = self._begins, self._entries
        if begins is None or not then.sees_all_of(begins):
            return None
        unseen: list[Told] = []
        for entry in reversed(entries):
            if then.sees_all_of(entry.snapshot):
                break
            unseen.append(entry)
        return unseen

    def _joined(self, entries: tuple[Told, ...]) -> tuple[Told, ...]:
        if len(entries) > _MOST_ENTRIES:
            pairs = zip(entries[::2], entries[1::2], strict=False)
            entries = (*(one.and_then(other) for one, other in pairs), *entries[len(entries) // 2 * 2 :])
        while len(entries) > 1 and sum(map(len, entries)) > _MOST_IDS:
            self._begins, entries = entries[0].snapshot, entries[1:]
        return entries


def distrusted_since(moment: str, ids: Ids) -> bool | None:
    """Whether lists with any of the items were to be made anew since the snapshot `moment`; None where this process
    does not know."""
    told = tail().since(moment)
    return None if told is None else any(one.distrusts(ids) for one in told)


def touched_since(moment: str, ids: Ids) -> bool | None:
    """As `distrusted_since`, or whether facts of any of the items changed."""
    told = tail().since(moment)
    return None if told is None else any(one.touches(ids) for one in told)


def distrusts(said: Sequence[int], ids: Ids) -> bool:
    """Whether a column of `catalog.changes.DISTRUSTED_SINCE` concerns lists with any of the items."""
    return Told.of(Snapshot(0, frozenset()), said).distrusts(ids)


def tail() -> Tail:
    """This process's."""
    pid = os.getpid()
    if pid not in _tails:
        _tails.setdefault(pid, Tail())
    return _tails[pid]


def forget_tail() -> None:
    """As a process that was told of nothing."""
    _tails.clear()

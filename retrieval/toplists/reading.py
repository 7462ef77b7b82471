"""Several lists in one statement, as arrays.

A list is long and seldom changes, so a process keeps what it read; after a few seconds it asks whether that still
holds, and only what was written anew is sent again.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cachetools import LRUCache

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids, Scores

ListKey = tuple[str, str]  # TopList.Kind, value; a creator's value is its internal id in digits
TopList = tuple[Ids, Scores]


class _Kept(NamedTuple):
    """What was last heard of a list: the transaction that wrote it, and the list; None where there is none."""

    heard_at: float  # time.monotonic()
    version: int
    top: TopList | None


# A row's xmin is the transaction that wrote it. What is known already is neither decompressed nor sent.
_READ = """
SELECT list.kind, list.value, list.xmin::text::bigint,
       CASE WHEN list.xmin::text::bigint <> asked.version THEN list.item_ids END,
       CASE WHEN list.xmin::text::bigint <> asked.version THEN list.scores::real[] END
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS asked (kind, value, version)
JOIN retrieval_toplist list ON list.kind = asked.kind AND list.value = asked.value
"""
_UNKNOWN = -1
# A new item is entered within a minute, the lists are made anew in fifteen.
_FRESH_S = 5.0
_KEPT_BYTES = 64_000_000
_LEAST_BYTES = 400


def _bytes(kept: _Kept) -> int:
    return _LEAST_BYTES + (kept.top[0].nbytes + kept.top[1].nbytes if kept.top else 0)


_kept: "LRUCache[ListKey, _Kept]" = LRUCache(_KEPT_BYTES, getsizeof=_bytes)
_lock = threading.Lock()


def lists_of(keys: Sequence[ListKey], deadline: Deadline | None) -> dict[ListKey, TopList]:
    """Item ids int64 [n] and scores float32 [n] > 0, best first, of those `keys` that have a list, at most five
    seconds old; in at most one statement. Raises SourceTimeout."""
    # What an open transaction wrote may be rolled back.
    if sees_uncommitted():
        return _there(_read(keys, {}, deadline))
    with _lock:
        known = {key: one for key in keys if (one := _kept.get(key)) is not None}
    fresh_since = time.monotonic() - _FRESH_S
    doubtful = [key for key in keys if key not in known or known[key].heard_at < fresh_since]
    if doubtful:
        heard = _read(doubtful, known, deadline)
        known |= heard
        with _lock:
            _kept.update(heard)
    return _there(known)


def forget_kept() -> None:
    """As a process that has never read any: its own lists were made anew, or the moment it reads as of moved."""
    with _lock:
        _kept.clear()


def _read(
    keys: Sequence[ListKey], known: Mapping[ListKey, _Kept], deadline: Deadline | None
) -> dict[ListKey, _Kept]:
    """Each of the keys as it is now."""
    if not keys:
        return {}
    versions = [known[key].version if key in known else _UNKNOWN for key in keys]
    kinds, values = (list(column) for column in zip(*keys, strict=True))
    # As of before the statement: what is written meanwhile is asked for again in time.
    now = time.monotonic()
    found = dict.fromkeys(keys, _Kept(now, _UNKNOWN, None))
    for kind, value, version, ids, scores in ask(_READ, [kinds, values, versions], deadline):
        key = (kind, value)
        found[key] = _Kept(now, version, known[key].top if ids is None else (ids, scores))
    return found


def _there(kept: Mapping[ListKey, _Kept]) -> dict[ListKey, TopList]:
    return {key: one.top for key, one in kept.items() if one.top is not None}


def top_lists(kind: str, values: Sequence[str], deadline: Deadline | None) -> dict[str, TopList]:
    """The lists of one kind by value; otherwise as `lists_of`."""
    found = lists_of([(kind, value) for value in values], deadline)
    return {value: lists for (_, value), lists in found.items()}

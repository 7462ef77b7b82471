"""Several lists in one statement, as arrays."""

import threading
from collections.abc import Sequence
from contextlib import suppress

from cachetools import TTLCache

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids, Scores

ListKey = tuple[str, str]  # TopList.Kind, value; a creator's value is its internal id in digits
TopList = tuple[Ids, Scores]

_READ = """
SELECT kind, value, item_ids, scores::real[] FROM retrieval_toplist
WHERE (kind, value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


def _bytes(top: TopList | None) -> int:
    return _LEAST_BYTES + (top[0].nbytes + top[1].nbytes if top else 0)


# Kept in the process for a moment: a new item is entered within a minute, the lists are made anew in fifteen.
_FRESH_S = 5.0
_KEPT_BYTES = 32_000_000
_LEAST_BYTES = 200
_kept: "TTLCache[ListKey, TopList | None]" = TTLCache(_KEPT_BYTES, _FRESH_S, getsizeof=_bytes)
_lock = threading.Lock()


def lists_of(keys: Sequence[ListKey], deadline: Deadline | None) -> dict[ListKey, TopList]:
    """Item ids int64 [n] and scores float32 [n] > 0, best first, of those `keys` that have a list, at most five
    seconds old; in at most one statement. Raises SourceTimeout."""
    # What an open transaction wrote may be rolled back.
    if sees_uncommitted():
        return _read(keys, deadline)
    lists: dict[ListKey, TopList | None] = {}
    with _lock:
        for key in keys:
            # One that is there may be too old a moment later.
            with suppress(KeyError):
                lists[key] = _kept[key]
    unknown = [key for key in keys if key not in lists]
    if unknown:
        found = _read(unknown, deadline)
        lists |= {key: found.get(key) for key in unknown}
        with _lock:
            _kept.update({key: lists[key] for key in unknown})
    return {key: top for key, top in lists.items() if top is not None}


def forget_kept() -> None:
    """As a process that has never read any: its own lists were made anew, or the moment it reads as of moved."""
    with _lock:
        _kept.clear()


def _read(keys: Sequence[ListKey], deadline: Deadline | None) -> dict[ListKey, TopList]:
    if not keys:
        return {}
    kinds, values = (list(column) for column in zip(*keys, strict=True))
    rows = ask(_READ, [kinds, values], deadline)
    return {(kind, value): (ids, scores) for kind, value, ids, scores in rows}


def top_lists(kind: str, values: Sequence[str], deadline: Deadline | None) -> dict[str, TopList]:
    """The lists of one kind by value; otherwise as `lists_of`."""
    found = lists_of([(kind, value) for value in values], deadline)
    return {value: lists for (_, value), lists in found.items()}

"""The narrow history rows, moved on in the transaction that stores the events."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from math import nan
from typing import NamedTuple

import numpy as np

from catalog.events.checking import Draft
from catalog.history import HISTORY_DTYPE, History, merge_histories, unpack_history
from catalog.sql import Cursor

# How many users' full histories are in memory at once: 500 of 2000 entries are 26 MB.
_USERS_AT_ONCE = 500
_ENSURE = """
INSERT INTO catalog_userhistory (user_id, version, event_count, events)
SELECT user_id, 0, 0, '' FROM unnest(%b::bigint[]) AS given (user_id) ORDER BY user_id
ON CONFLICT DO NOTHING
"""
_LOCK = "SELECT FROM catalog_userhistory WHERE user_id = ANY(%b::bigint[]) ORDER BY user_id FOR NO KEY UPDATE"
_READ = "SELECT user_id, events FROM catalog_userhistory WHERE user_id = ANY(%b::bigint[])"
_WRITE = """
UPDATE catalog_userhistory AS history
SET version = history.version + 1,
    event_count = history.event_count + given.count,
    events = given.events,
    last_event_at = greatest(history.last_event_at, given.last_event_at)
FROM unnest(%b::bigint[], %b::bytea[], %b::bigint[], %b::timestamptz[])
    AS given (user_id, events, count, last_event_at)
WHERE history.user_id = given.user_id
"""
_MOVE = "UPDATE catalog_userhistory SET version = version + 1 WHERE user_id = ANY(%b::bigint[])"


class _Added(NamedTuple):
    user_id: int
    events: History
    last_event_at: datetime


def lock_histories(raw: Cursor, user_ids: Iterable[int]) -> None:
    """Makes the rows that are missing and holds all of them until the transaction ends."""
    ids = sorted(set(user_ids))
    raw.execute(_ENSURE, [ids])
    raw.execute(_LOCK, [ids])


def move_versions(raw: Cursor, user_ids: Iterable[int]) -> None:
    """Tells readers that what they know of these users is out of date: every key made of the version moves."""
    if ids := sorted(set(user_ids)):
        lock_histories(raw, ids)
        raw.execute(_MOVE, [ids])


def extend_histories(raw: Cursor, drafts: Sequence[Draft], *, limit: int) -> None:
    """Adds the events to their users' rows, which the caller has locked."""
    added = _by_user(drafts)
    while some := list(islice(added, _USERS_AT_ONCE)):
        raw.execute(_READ, [[user.user_id for user in some]], binary=True)
        stored: dict[int, bytes] = dict(raw.fetchall())
        raw.execute(
            _WRITE,
            [
                [user.user_id for user in some],
                [_extended(stored[user.user_id], user.events, limit) for user in some],
                [len(user.events) for user in some],
                [user.last_event_at for user in some],
            ],
        )


def _extended(packed: bytes, added: History, limit: int) -> bytes:
    return merge_histories(unpack_history(packed), added, limit=limit).tobytes()


def _by_user(drafts: Sequence[Draft]) -> Iterator[_Added]:
    """Ascending by user; within one, in the order of the batch."""
    for user_id, group in groupby(
        sorted(drafts, key=lambda draft: draft.user_id), lambda draft: draft.user_id
    ):
        of_user = list(group)
        events = np.array([_entry(draft) for draft in of_user], dtype=HISTORY_DTYPE)
        yield _Added(user_id, events, max(draft.occurred_at for draft in of_user))


def _entry(draft: Draft) -> tuple[int, int, int, float, float]:
    value, dwell_s = draft.event.value, draft.event.dwell_s
    return (
        draft.item_id,
        int(draft.occurred_at.timestamp() // 1),
        draft.type_id,
        nan if value is None else value,
        nan if dwell_s is None else dwell_s,
    )

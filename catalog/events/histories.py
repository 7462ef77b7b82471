"""The narrow history rows, moved on in the transaction that stores the events."""

from collections.abc import Iterable
from datetime import UTC, datetime
from math import nan

import numpy as np

from catalog.events.batch import Batch
from catalog.history import HISTORY_DTYPE, History, merge_each
from catalog.sql import Cursor

# How many users' full histories are in memory at once: 250 of 2000 entries are 13 MB.
_USERS_AT_ONCE = 250
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


def extend_histories(raw: Cursor, batch: Batch, *, limit: int) -> None:
    """Adds the events to their users' rows, which the caller has locked."""
    # Ascending by user; within one, in the order of the batch.
    order = np.argsort(batch.user_ids, kind="stable")
    entries = _entries(batch)[order]
    users, starts, counts = np.unique(batch.user_ids[order], return_index=True, return_counts=True)
    last_us = np.maximum.reduceat(batch.at_us[order], starts) if len(users) else starts
    for first in range(0, len(users), _USERS_AT_ONCE):
        some = slice(first, first + _USERS_AT_ONCE)
        ids, of_each = users[some].tolist(), counts[some]
        raw.execute(_READ, [ids], binary=True)
        stored: dict[int, bytes] = dict(raw.fetchall())
        added = entries[starts[first] : starts[first] + int(of_each.sum())]
        packed = merge_each([stored[user_id] for user_id in ids], added, of_each, limit=limit)
        raw.execute(_WRITE, [ids, packed, of_each.tolist(), [_moment(us) for us in last_us[some].tolist()]])


def _entries(batch: Batch) -> History:
    entries = np.empty(len(batch), HISTORY_DTYPE)
    entries["item_id"] = batch.item_ids
    entries["occurred_at_s"] = batch.at_us // 1_000_000
    entries["type_id"] = batch.type_ids
    entries["value"] = [nan if event.value is None else event.value for event in batch.events]
    entries["dwell_s"] = [nan if event.dwell_s is None else event.dwell_s for event in batch.events]
    return entries


def _moment(unix_us: int) -> datetime:
    seconds, us = divmod(unix_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=us)

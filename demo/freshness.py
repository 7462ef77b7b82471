"""Keeps the demo's newest event close to now: trending and friends look at the last hours only."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from math import nan
from operator import itemgetter

import numpy as np
from django.db import transaction

from catalog.config import config
from catalog.events.histories import lock_histories
from catalog.history import HISTORY_DTYPE
from catalog.partitions import ensure_partitions
from catalog.sql import Cursor, cursor
from coldstart.impressions.partitions import IMPRESSIONS
from demo.shaping import SURFACE

STALE_AFTER = timedelta(hours=12)
_PEOPLE = "SELECT DISTINCT user_id FROM catalog_interaction WHERE surface = %s"
_SHIFT = "UPDATE catalog_interaction SET occurred_at = occurred_at + %s WHERE surface = %s"
_READ = """
SELECT user_id, item_id, extract(epoch FROM occurred_at)::float8, type_id, value, dwell_s
FROM catalog_interaction WHERE user_id = ANY(%s) ORDER BY user_id, occurred_at
"""
_WRITE = """
UPDATE catalog_userhistory AS history
SET version = history.version + 1, events = given.events, last_event_at = to_timestamp(given.last_event_at)
FROM unnest(%s::bigint[], %s::bytea[], %s::float8[]) AS given (user_id, events, last_event_at)
WHERE history.user_id = given.user_id
"""
_Row = tuple[int, int, float, int, float | None, float | None]


def shift_events(by: timedelta, *, now: datetime) -> None:
    """All the demo's events that much later, and everybody's history with them; events of visitors stay."""
    ensure_partitions(now)
    ensure_partitions(now, of=IMPRESSIONS)
    with transaction.atomic(), cursor() as raw:
        raw.execute(_PEOPLE, [SURFACE])
        people = [user_id for (user_id,) in raw]
        lock_histories(raw, people)
        raw.execute(_SHIFT, [by, SURFACE])
        _rewrite_histories(raw, people)


def _rewrite_histories(raw: Cursor, people: list[int]) -> None:
    raw.execute(_READ, [people])
    packed = [_packed(list(rows)) for _, rows in groupby(raw.fetchall(), itemgetter(0))]
    raw.execute(_WRITE, [list(column) for column in zip(*packed, strict=True)])


def _packed(rows: list[_Row]) -> tuple[int, bytes, float]:
    """A user, their history and when it ends; `rows` oldest first."""
    newest = np.array(list(_entries(rows)), dtype=HISTORY_DTYPE)[-config().history_limit :]
    return rows[0][0], newest.tobytes(), rows[-1][2]


def _entries(rows: list[_Row]) -> Iterator[tuple[int, int, int, float, float]]:
    for _, item_id, occurred_at_s, type_id, value, dwell_s in rows:
        yield (
            item_id,
            int(occurred_at_s // 1),
            type_id,
            nan if value is None else value,
            nan if dwell_s is None else dwell_s,
        )

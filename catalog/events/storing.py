"""The statements that store a batch of events; all run in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import repeat

import numpy as np
from django.db import transaction
from numpy.typing import NDArray
from psycopg.errors import UniqueViolation

from catalog.events.batch import Batch
from catalog.events.copying import COLUMNS, copy_bytes
from catalog.sql import Cursor

_RETRY_WINDOW = timedelta(days=2)
_COPY_FROM = 100  # as many rows are worth a savepoint
_LOOKED_AT = 20
_COLUMNS = {
    "event_id": "varchar",
    "user_id": "bigint",
    "item_id": "bigint",
    "type_id": "smallint",
    "value": "float8",
    "dwell_s": "float8",
    "occurred_at": "timestamptz",
    "received_at": "timestamptz",
    "surface": "varchar",
    "request_id": "varchar",
}
_COPY = f"COPY catalog_interaction ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
# All who store events do so in the order of the key: two batches with the same ids wait for each other instead of
# deadlocking.
_INSERT = f"""
INSERT INTO catalog_interaction ({", ".join(_COLUMNS)})
SELECT * FROM unnest({", ".join(f"%b::{kind}[]" for kind in _COLUMNS.values())})
    AS given ({", ".join(_COLUMNS)})
ORDER BY occurred_at, event_id COLLATE "C"
ON CONFLICT DO NOTHING
RETURNING (extract(epoch FROM occurred_at) * 1000000)::bigint, event_id
"""  # noqa: S608
_STORED = """
SELECT FROM catalog_interaction
WHERE (occurred_at, event_id) IN (SELECT * FROM unnest(%b::timestamptz[], %b::text[])) LIMIT 1
"""
# One pass over each user's last days, however many of the batch are theirs.
_STORED_LATELY = """
SELECT user_id, event_id, occurred_at FROM catalog_interaction
WHERE user_id = ANY(%b::bigint[]) AND event_id = ANY(%b::text[]) AND occurred_at > %b AND occurred_at <= %b
"""


def stored_lately(raw: Cursor, batch: Batch, now: datetime) -> dict[tuple[int, str], datetime]:
    """When each (user, event id) of these occurred, where one of the last days is stored."""
    if not len(batch):
        return {}
    users = np.unique(batch.user_ids).tolist()
    raw.execute(_STORED_LATELY, [users, list(set(batch.event_ids)), now - _RETRY_WINDOW, now + _RETRY_WINDOW])
    return {(user_id, event_id): occurred_at for user_id, event_id, occurred_at in raw}


def insert(raw: Cursor, batch: Batch, received_at: datetime) -> NDArray[np.bool_]:
    """[n], which of them are new; the others were stored before. No two may have the same key."""
    if len(batch) >= _COPY_FROM and _copied(raw, batch.in_order_of_key(), received_at):
        return np.ones(len(batch), np.bool_)
    stored = set(raw.execute(_INSERT, _columns(batch, received_at)).fetchall())
    return np.array([key in stored for key in batch.primary_keys()], np.bool_)


def _copied(raw: Cursor, batch: Batch, received_at: datetime) -> bool:
    """Whether all are stored, by COPY; nothing is where one of them was before.

    COPY takes half of an INSERT's time, but knows no ON CONFLICT. Nearly every batch is of new events; of one that
    is sent again a few say so, before its rows are written in vain.
    """
    some = batch.take(np.linspace(0, len(batch) - 1, _LOOKED_AT).astype(np.int64))
    if raw.execute(_STORED, [some.times, some.event_ids]).fetchone() is not None:
        return False
    try:
        with transaction.atomic(), raw.copy(_COPY) as copy:
            copy.write(copy_bytes(batch, received_at))
    except UniqueViolation:
        return False
    return True


def _columns(batch: Batch, received_at: datetime) -> Sequence[list[object]]:
    """In the order of `_COLUMNS`."""
    events = batch.events
    return (
        list(batch.event_ids),
        batch.user_ids.tolist(),
        batch.item_ids.tolist(),
        batch.type_ids.tolist(),
        [event.value for event in events],
        [event.dwell_s for event in events],
        list(batch.times),
        list(repeat(received_at, len(batch))),
        [event.surface for event in events],
        [event.request_id for event in events],
    )

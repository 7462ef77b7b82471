"""The statements that store a batch of events; all run in the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from catalog.events.checking import Draft
from catalog.sql import Cursor, Staging

_RETRY_WINDOW = timedelta(days=2)
_STAGING = Staging(
    "staging_interaction",
    {
        "event_id": "varchar",
        "user_id": "bigint",
        "item_id": "bigint",
        "type_id": "smallint",
        "value": "float8",
        "dwell_s": "float8",
        "occurred_at": "timestamptz",
        "surface": "varchar",
        "request_id": "varchar",
    },
)
# In the order of the key: two batches with the same ids wait for each other instead of deadlocking.
_INSERT = """
INSERT INTO catalog_interaction (event_id, user_id, item_id, type_id, value, dwell_s, occurred_at, received_at,
                                 surface, request_id)
SELECT event_id, user_id, item_id, type_id, value, dwell_s, occurred_at, %b, surface, request_id
FROM staging_interaction ORDER BY occurred_at, event_id
ON CONFLICT DO NOTHING
RETURNING occurred_at, event_id
"""
# One pass over each user's last days, however many of the batch are theirs.
_STORED_LATELY = """
SELECT user_id, event_id, occurred_at FROM catalog_interaction
WHERE user_id = ANY(%b::bigint[]) AND event_id = ANY(%b::text[]) AND occurred_at > %b AND occurred_at <= %b
"""


def stored_lately(raw: Cursor, drafts: Collection[Draft], now: datetime) -> dict[tuple[int, str], datetime]:
    """When each (user, event id) of these occurred, where one of the last days is stored."""
    if not drafts:
        return {}
    users = list({draft.user_id for draft in drafts})
    names = list({draft.event_id for draft in drafts})
    raw.execute(_STORED_LATELY, [users, names, now - _RETRY_WINDOW, now + _RETRY_WINDOW])
    return {(user_id, event_id): occurred_at for user_id, event_id, occurred_at in raw}


def insert(raw: Cursor, drafts: Sequence[Draft], received_at: datetime) -> set[tuple[datetime, str]]:
    """The keys of those that are new; the others were stored before."""
    if not drafts:
        return set()
    _STAGING.fill(raw, (_row(draft) for draft in drafts))
    return set(raw.execute(_INSERT, [received_at]).fetchall())


def _row(draft: Draft) -> tuple[object, ...]:
    event = draft.event
    return (
        draft.event_id,
        draft.user_id,
        draft.item_id,
        draft.type_id,
        event.value,
        event.dwell_s,
        draft.occurred_at,
        event.surface,
        event.request_id,
    )

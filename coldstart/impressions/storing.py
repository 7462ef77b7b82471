"""The one statement that stores impressions, notes who explored what, and keeps the account of the budget."""

from collections.abc import Collection
from datetime import datetime

from catalog.sql import Cursor, Staging
from coldstart.impressions.values import EXPLORING, Shown

_LOCKS = 4878  # class of advisory locks, apart from everybody else's in this database
_LOCK_BUCKETS = 64
_SHARDS = 16
_STAGING = Staging(
    "staging_impression",
    {
        "user_id": "bigint",
        "request_id": "varchar",
        "item_id": "bigint",
        "shown_at": "timestamptz",
        "position": "integer",
        "source": "varchar",
        "propensity": "float8",
        "explored": "boolean",
        "surface": "varchar",
    },
)
# A retry without a time of its own comes with another one: it is recognised for two days by the rest of the key.
# Whoever holds the locks of the users is alone with that question.
_LOCK = """
SELECT pg_advisory_xact_lock(%b::integer, bucket::integer)
FROM (SELECT DISTINCT id %% %b::bigint AS bucket FROM unnest(%b::bigint[]) AS id ORDER BY bucket) AS buckets
"""
_INSERT = """
WITH inserted AS (
    INSERT INTO coldstart_impression
        (user_id, request_id, item_id, shown_at, received_at, position, source, propensity, explored, surface)
    SELECT user_id, request_id, item_id, shown_at, %(now)b::timestamptz, position, source, propensity, explored,
           surface
    FROM staging_impression AS staged
    WHERE NOT EXISTS (
        SELECT FROM coldstart_impression AS stored
        WHERE stored.user_id = staged.user_id AND stored.request_id = staged.request_id
            AND stored.item_id = staged.item_id AND stored.shown_at > %(now)b::timestamptz - interval '2 days'
    )
    ORDER BY user_id, request_id, item_id
    ON CONFLICT DO NOTHING
    RETURNING user_id, request_id, item_id, shown_at, explored, propensity
), remembered AS (
    INSERT INTO coldstart_explored (user_id, item_id, shown_at)
    SELECT DISTINCT ON (user_id, item_id) user_id, item_id, shown_at FROM inserted WHERE explored
    ORDER BY user_id, item_id
    ON CONFLICT DO NOTHING
), drawn AS (
    -- The clock's own time: no two of a user's are the same.
    INSERT INTO coldstart_chance (user_id, stored_at)
    SELECT user_id, clock_timestamp() FROM (
        SELECT DISTINCT user_id FROM inserted WHERE explored OR propensity IS NOT NULL
    ) AS by_chance ORDER BY user_id
    ON CONFLICT (user_id) DO UPDATE SET stored_at = excluded.stored_at
), accounted AS (
    INSERT INTO coldstart_spending (hour, shard, shown, explored)
    SELECT date_trunc('hour', %(now)b::timestamptz), pg_backend_pid() %% %(shards)b::integer,
           count(*), count(*) FILTER (WHERE explored)
    FROM inserted HAVING count(*) > 0
    ON CONFLICT (hour, shard) DO UPDATE
    SET shown = coldstart_spending.shown + excluded.shown,
        explored = coldstart_spending.explored + excluded.explored
)
SELECT user_id, request_id, item_id FROM inserted
"""


def store(raw: Cursor, rows: Collection[Shown], now: datetime) -> set[tuple[int, str, int]]:
    """The keys of those that are new; the others were stored before. `rows` have different keys; the caller's
    transaction is READ COMMITTED and commits soon."""
    if not rows:
        return set()
    raw.execute(_LOCK, [_LOCKS, _LOCK_BUCKETS, list({row.user_id for row in rows})])
    _STAGING.fill(raw, map(_columns, rows))
    return set(raw.execute(_INSERT, {"now": now, "shards": _SHARDS}).fetchall())


def _columns(row: Shown) -> tuple[object, ...]:
    return (
        row.user_id,
        row.request_id,
        row.item_id,
        row.shown_at,
        row.position,
        row.source,
        row.propensity,
        row.source in EXPLORING,
        row.surface,
    )

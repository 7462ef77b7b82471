"""Who liked what lately: the one pass over the events that all of cold start's tables are made of."""

from datetime import datetime, timedelta

from catalog.sql import Cursor

# The most liked items; what is beyond them is nobody's default.
MOST_ITEMS = 2000

_NEWEST = "SELECT max(occurred_at) FROM catalog_interaction WHERE occurred_at <= %s"
_LIKES = """
CREATE TEMP TABLE recent_like ON COMMIT DROP AS
SELECT DISTINCT event.user_id, event.item_id
FROM catalog_interaction event
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
JOIN catalog_item item ON item.id = event.item_id AND item.active
WHERE event.occurred_at > %s AND event.occurred_at <= %s
"""
_ITEMS = """
CREATE TEMP TABLE liked_item ON COMMIT DROP AS
SELECT item_id, count(*) AS users FROM recent_like GROUP BY item_id
ORDER BY count(*) DESC, item_id LIMIT %s
"""


def fill_recent_likes(raw: Cursor, *, now: datetime, window_s: float) -> None:
    """Temporary tables until the transaction ends: `recent_like` (user_id, item_id), each pair once, of the positive
    events of `window_s` up to the newest one at `now`; `liked_item` (item_id, users), the MOST_ITEMS most liked."""
    raw.execute("DROP TABLE IF EXISTS pg_temp.recent_like, pg_temp.liked_item")
    # A partition that has just been filled has no statistics yet, and a loop over a million events takes hours.
    raw.execute("SET LOCAL enable_nestloop = off")
    (newest,) = raw.execute(_NEWEST, [now]).fetchone() or (None,)
    newest = newest or now
    # Sorted: a hash of more pairs than were planned for outgrows its memory, and Postgres reads and writes the rest
    # anew for every few of them. Two million events took more than five minutes; sorted, all takes three seconds.
    raw.execute("SET LOCAL enable_hashagg = off")
    raw.execute(_LIKES, [newest - timedelta(seconds=window_s), newest])
    raw.execute(_ITEMS, [MOST_ITEMS])
    raw.execute("SET LOCAL enable_hashagg TO DEFAULT")
    raw.execute("ANALYZE recent_like, liked_item")

"""Which items belong to which lists, and what each is worth."""

from collections.abc import Mapping
from datetime import datetime

from catalog.sql import Cursor

LENGTHS: dict[str, int] = {"all": 2000, "tag": 500, "category": 500, "creator": 500}
# Held by whoever writes lists.
ROWS_LOCK = "top list rows"

# By kind: SELECTs of (value, id, score) from the items that `place_items` placed.
MEMBERS: Mapping[str, str] = {
    "all": "SELECT '' AS value, id, score FROM pg_temp.placed_item",
    "category": "SELECT category AS value, id, score FROM pg_temp.placed_item WHERE category <> ''",
    "creator": "SELECT creator::text AS value, id, score FROM pg_temp.placed_item WHERE creator IS NOT NULL",
    # DISTINCT: an item that repeats a tag has one place in its list.
    "tag": """SELECT tag.value, id, score FROM pg_temp.placed_item
              CROSS JOIN LATERAL (SELECT DISTINCT unnest(tags) AS value) tag WHERE tag.value <> ''""",
}

_TABLE = """
CREATE TEMP TABLE placed_item (id bigint, category text, tags text[], creator bigint, score double precision)
ON COMMIT DROP
"""
# What age alone is worth: half a view when new, next to nothing after some months. The exponent is bounded, as
# exp() would raise for a film of 1922.
_PLACE = """
INSERT INTO pg_temp.placed_item
SELECT item.id, item.category, item.tags, item.creator_id,
       coalesce(popularity.score, 0) + 0.001 + 0.5 * exp(greatest(-50, least(0,
           date_part('epoch', coalesce(item.published_at, item.created_at) - %(now)s) / 2592000.0
       ))::double precision)
FROM catalog_item item LEFT JOIN item_popularity popularity ON popularity.item_id = item.id
WHERE item.active AND (%(only)s::bigint[] IS NULL OR item.id = ANY(%(only)s))
"""


def place_items(raw: Cursor, *, now: datetime, only: list[int] | None) -> None:
    """Fills the temporary table behind MEMBERS with the active items, or with `only` those of them, and their
    scores: what `item_popularity` holds and a little for being new."""
    # A caller's open transaction may hold the one of the run before.
    raw.execute("DROP TABLE IF EXISTS pg_temp.placed_item")
    raw.execute(_TABLE)
    raw.execute(_PLACE, {"now": now, "only": only})

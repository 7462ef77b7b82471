"""External ids to internal ones, in bulk, and the making of what is named for the first time.

Everyone locks in one order (users, creators, items, histories; ascending within each), so nobody deadlocks.
"""

from collections.abc import Collection
from datetime import datetime

from catalog.sql import Cursor

_NEW_USERS = """
INSERT INTO catalog_user
    (external_id, age_group, location, language, attributes, social_opt_out, created_at)
SELECT external_id, '', '', '', '{}', false, %b
FROM unnest(%b::text[]) AS given (external_id) ORDER BY external_id
ON CONFLICT DO NOTHING
"""
_NEW_ITEMS = """
INSERT INTO catalog_item (external_id, title, description, category, tags, language, active, attributes,
                          created_at, updated_at)
SELECT external_id, '', '', '', '{}', '', true, '{}', %b, %b
FROM unnest(%b::text[]) AS given (external_id) ORDER BY external_id
ON CONFLICT DO NOTHING
"""
_NEW_CREATORS = """
INSERT INTO catalog_creator (external_id, name)
SELECT external_id, '' FROM unnest(%b::text[]) AS given (external_id) ORDER BY external_id
ON CONFLICT DO NOTHING
"""
# KEY SHARE: they can change, but can't be deleted before the transaction ends. An erased user's events would
# otherwise come back with a batch that was under way.
_FIND_USERS = (
    "SELECT external_id, id FROM catalog_user WHERE external_id = ANY(%b::text[]) ORDER BY id FOR KEY SHARE"
)
_FIND_ITEMS = "SELECT external_id, id FROM catalog_item WHERE external_id = ANY(%b::text[])"
_FIND_CREATORS = "SELECT external_id, id FROM catalog_creator WHERE external_id = ANY(%b::text[])"


def find_users(raw: Cursor, wanted: Collection[str]) -> dict[str, int]:
    """External to internal id of those that exist; they can't be deleted before the transaction ends."""
    return _find(raw, _FIND_USERS, wanted)


def find_or_make_users(raw: Cursor, wanted: Collection[str], now: datetime) -> dict[str, int]:
    found = find_users(raw, wanted)
    if missing := [name for name in wanted if name not in found]:
        raw.execute(_NEW_USERS, [now, missing])
        found |= find_users(raw, missing)
    return found


def find_items(raw: Cursor, wanted: Collection[str]) -> dict[str, int]:
    """External to internal id of those that exist."""
    return _find(raw, _FIND_ITEMS, wanted)


def find_or_make_items(raw: Cursor, wanted: Collection[str], now: datetime) -> dict[str, int]:
    found = find_items(raw, wanted)
    if missing := [name for name in wanted if name not in found]:
        raw.execute(_NEW_ITEMS, [now, now, missing])
        found |= find_items(raw, missing)
    return found


def find_creators(raw: Cursor, wanted: Collection[str]) -> dict[str, int]:
    """External to internal id of those that exist."""
    return _find(raw, _FIND_CREATORS, wanted)


def find_or_make_creators(raw: Cursor, wanted: Collection[str]) -> dict[str, int]:
    found = find_creators(raw, wanted)
    if missing := [name for name in wanted if name not in found]:
        raw.execute(_NEW_CREATORS, [missing])
        found |= find_creators(raw, missing)
    return found


def _find(raw: Cursor, query: str, wanted: Collection[str]) -> dict[str, int]:
    return dict(raw.execute(query, [list(wanted)]).fetchall()) if wanted else {}

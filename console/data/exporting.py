"""The catalogue out, page after page by a key: no long transaction, no sort, and memory of one page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from catalog.sql import cursor
from console.data.formats import FORMATS, Batch

MOST_ROWS = 1_000_000
_PAGE = 5_000
_FIRST_PAGE = 500  # so that the first bytes come at once


@dataclass(frozen=True, slots=True)
class Exported:
    """columns: what they hold, as docs/data.md names them for imports. query: one page; its last columns are the key,
    which the next page begins after."""

    columns: Mapping[str, str]
    query: str
    first: tuple[Any, ...]
    by_time: bool = False


_USERS = """
SELECT external_id, age_group, location, language, social_opt_out, attributes, id FROM catalog_user
WHERE id > %(k0)s ORDER BY id LIMIT %(page)s
"""
_ITEMS = """
SELECT i.external_id, i.title, i.description, i.category, i.tags, i.language, c.external_id, c.name, i.published_at,
       i.active, i.attributes, i.id
FROM catalog_item i LEFT JOIN catalog_creator c ON c.id = i.creator_id
WHERE i.id > %(k0)s ORDER BY i.id LIMIT %(page)s
"""
_FOLLOWS = """
SELECT follower.external_id, followee.external_id, f.id FROM catalog_follow f
JOIN catalog_user follower ON follower.id = f.follower_id JOIN catalog_user followee ON followee.id = f.followee_id
WHERE f.id > %(k0)s ORDER BY f.id LIMIT %(page)s
"""
_CREATOR_FOLLOWS = """
SELECT u.external_id, c.external_id, f.id FROM catalog_creatorfollow f
JOIN catalog_user u ON u.id = f.user_id JOIN catalog_creator c ON c.id = f.creator_id
WHERE f.id > %(k0)s ORDER BY f.id LIMIT %(page)s
"""
# The page first: then as many look-ups as it has rows.
_EVENTS = """
SELECT e.event_id, u.external_id, i.external_id, t.name, e.value, e.dwell_s, e.occurred_at, e.surface, e.request_id,
       e.occurred_at, e.event_id
FROM (
    SELECT * FROM catalog_interaction
    WHERE occurred_at >= %(since)s AND occurred_at < %(until)s AND (occurred_at, event_id) > (%(k0)s, %(k1)s)
    ORDER BY occurred_at, event_id LIMIT %(page)s
) e
JOIN catalog_user u ON u.id = e.user_id JOIN catalog_item i ON i.id = e.item_id
JOIN catalog_eventtype t ON t.id = e.type_id
ORDER BY e.occurred_at, e.event_id
"""
_LONG_AGO = datetime.fromisoformat("0001-01-01T00:00:00+00:00")

EXPORTS = {
    "users": Exported(
        {
            "user_id": "text",
            "age_group": "text",
            "location": "text",
            "language": "text",
            "social_opt_out": "flag",
            "attributes": "json",
        },
        _USERS,
        (0,),
    ),
    "items": Exported(
        {
            "item_id": "text",
            "title": "text",
            "description": "text",
            "category": "text",
            "tags": "texts",
            "language": "text",
            "creator_id": "text",
            "creator_name": "text",
            "published_at": "time",
            "active": "flag",
            "attributes": "json",
        },
        _ITEMS,
        (0,),
    ),
    "follows": Exported({"user_id": "text", "friend_id": "text"}, _FOLLOWS, (0,)),
    "creator follows": Exported({"user_id": "text", "creator_id": "text"}, _CREATOR_FOLLOWS, (0,)),
    "events": Exported(
        {
            "event_id": "text",
            "user_id": "text",
            "item_id": "text",
            "type": "text",
            "value": "number",
            "dwell_s": "number",
            "occurred_at": "time",
            "surface": "text",
            "request_id": "text",
        },
        _EVENTS,
        (_LONG_AGO, ""),
        by_time=True,
    ),
}


def export(
    kind: str, format_name: str, *, most: int, since: datetime | None = None, until: datetime | None = None
) -> Iterator[bytes]:
    """The file in pieces, at most `most` rows. since, until: of what is by time."""
    exported = EXPORTS[kind]
    rows = _pages(exported, min(most, MOST_ROWS), {"since": since, "until": until})
    return FORMATS[format_name](rows, exported.columns)


def _pages(exported: Exported, left: int, given: Mapping[str, Any]) -> Iterator[Batch]:
    key, width, most = exported.first, len(exported.columns), _FIRST_PAGE
    while left > 0:
        page, most = min(most, left), _PAGE
        after = {f"k{position}": part for position, part in enumerate(key)}
        with cursor() as raw:
            rows = raw.execute(exported.query, {**given, **after, "page": page}).fetchall()
        if rows:
            yield [_named(exported.columns, row[:width]) for row in rows]
            key = rows[-1][width:]
        left -= len(rows)
        if len(rows) < page:
            return


def _named(columns: Mapping[str, str], row: Sequence[Any]) -> dict[str, Any]:
    """By column; Django's driver leaves JSON as text."""
    return {
        name: orjson.loads(value) if kind == "json" else value
        for (name, kind), value in zip(columns.items(), row, strict=True)
    }

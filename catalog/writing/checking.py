"""Each row on its own, before the database sees it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import orjson
from psycopg.types.json import Jsonb

from catalog.texts import EXTERNAL_ID_LIMIT, external_id_problem, text_problem
from catalog.writing.fields import BlockFields, FollowFields, ItemFields, RowResult, UserFields

MOST_TAGS = 100
TAG_LIMIT = 100
_ATTRIBUTES_LIMIT = 65_536  # bytes of JSON
_ITEM_TEXTS = {
    "title": 500,
    "description": 100_000,
    "category": 100,
    "language": 20,
    "creator": EXTERNAL_ID_LIMIT,
    "creator_name": 255,
}
_USER_TEXTS = {"age_group": 20, "location": 100, "language": 20}

Problems = Iterator[tuple[str, str]]


def first_problem(external_id: str, problems: Iterable[tuple[str, str]]) -> RowResult | None:
    """The rejection that names the first bad field; None where all is well."""
    for field, reason in problems:
        if reason:
            return RowResult("rejected", external_id, field, reason)
    return None


def item_problems(row: ItemFields) -> Problems:
    yield "external_id", external_id_problem(row.external_id)
    for name, limit in _ITEM_TEXTS.items():
        yield name, text_problem(getattr(row, name) or "", limit)
    yield "creator", "" if row.creator or not row.creator_name else "Missing, though creator_name is given."
    yield "tags", _tags_problem(row.tags or ())
    yield "published_at", _time_problem(row.published_at)
    yield "attributes", _attributes_problem(row.attributes or {})


def user_problems(row: UserFields) -> Problems:
    yield "external_id", external_id_problem(row.external_id)
    for name, limit in _USER_TEXTS.items():
        yield name, text_problem(getattr(row, name) or "", limit)
    yield "attributes", _attributes_problem(row.attributes or {})


def follow_problems(row: FollowFields) -> Problems:
    yield "user", external_id_problem(row.user)
    one = bool(row.followee) != bool(row.creator)
    yield "followee", "" if one else "Name exactly one of followee and creator."
    yield row.target[0], external_id_problem(row.target[1])
    yield "followee", "Nobody follows themselves." if row.followee == row.user else ""


def block_problems(row: BlockFields) -> Problems:
    yield "user", external_id_problem(row.user)
    one = sum(map(bool, (row.item, row.creator, row.tag))) == 1
    yield "item", "" if one else "Name exactly one of item, creator and tag."
    field, target = row.target
    yield field, text_problem(target, TAG_LIMIT if field == "tag" else EXTERNAL_ID_LIMIT)


def as_jsonb(attributes: Mapping[str, object] | None) -> Jsonb | None:
    return None if attributes is None else Jsonb(dict(attributes), dumps=orjson.dumps)


def _tags_problem(tags: tuple[str, ...]) -> str:
    if len(tags) > MOST_TAGS:
        return f"More than {MOST_TAGS} tags."
    return next(
        filter(None, (text_problem(tag, TAG_LIMIT) if tag else "A tag is empty." for tag in tags)), ""
    )


def _time_problem(time: datetime | None) -> str:
    return "Has no time zone." if time is not None and time.tzinfo is None else ""


def _attributes_problem(attributes: Mapping[str, object]) -> str:
    if not attributes:
        return ""
    try:
        packed = orjson.dumps(dict(attributes))
    except TypeError:  # a float within a key, half a surrogate pair, an integer beyond 64 bits, ...
        return "Not a JSON object."
    if len(packed) > _ATTRIBUTES_LIMIT:
        return f"Longer than {_ATTRIBUTES_LIMIT} bytes."
    # An escaped backslash before "u0000" is harmless, but too rare to tell apart.
    return "Contains a NUL character." if b"\\u0000" in packed else ""

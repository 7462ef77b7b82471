"""All that is held about a person, as JSON: each table's rows, with names instead of internal ids."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from django.db.models import BinaryField, Field, Model

from catalog.history import unpack_history
from catalog.models import Item, User
from retrieval.erasing.tables import PeopleTable, tables_of_people

_AT_ONCE = 2000
_NAMES = ("external_id", "name", "version")  # what rows are known by outside, best first


def held_about(external_id: str, now: datetime) -> Iterator[bytes] | None:
    """One JSON object in pieces, a few thousand rows in memory at a time; None where there is no such user.

    `tables`: by name, a list of rows. What is derived and forgotten within the hour (the cache) is not in it.
    """
    user = User.objects.filter(external_id=external_id).only("id").first()
    return None if user is None else _pieces(user.pk, external_id, now)


def _pieces(user_id: int, external_id: str, now: datetime) -> Iterator[bytes]:
    head = orjson.dumps({"user_id": external_id, "exported_at": now})
    yield head[:-1] + b',"tables":{'
    for position, table in enumerate(tables_of_people()):
        yield (b"," if position else b"") + orjson.dumps(table.name) + b":["
        yield from _joined(orjson.dumps(row) for row in _rows(table, user_id))
        yield b"]"
    yield b"}}"


def _joined(rows: Iterable[bytes]) -> Iterator[bytes]:
    for position, row in enumerate(rows):
        yield b"," + row if position else row


def _rows(table: PeopleTable, user_id: int) -> Iterator[dict[str, Any]]:
    fields = list(table.model._meta.concrete_fields)
    stored = table.rows_of(user_id).values_list(*(field.attname for field in fields)).iterator(_AT_ONCE)
    while some := list(islice(stored, _AT_ONCE)):
        columns = [
            _named(field, values) for field, values in zip(fields, zip(*some, strict=True), strict=True)
        ]
        for row in zip(*columns, strict=True):
            yield dict(zip((field.name for field in fields), row, strict=True))


def _named(field: "Field[Any, Any]", values: Sequence[Any]) -> Sequence[Any]:
    """A column as it is known outside; an id whose row is gone stays as it is."""
    if isinstance(field, BinaryField):
        return [_past(packed) for packed in values]
    model = field.related_model
    if not (field.is_relation and isinstance(model, type) and issubclass(model, Model)):
        return values
    names = _names(model, set(values) - {None})
    return [names.get(value, value) for value in values]


def _names(model: type[Model], ids: Iterable[Any]) -> dict[Any, Any]:
    known = {field.name for field in model._meta.concrete_fields}
    name = next((name for name in _NAMES if name in known), None)
    if name is None:
        return {}
    return dict(model._default_manager.filter(pk__in=list(ids)).values_list("pk", name))


def _past(packed: bytes | memoryview | None) -> list[dict[str, Any]]:
    """A packed history, oldest first."""
    history = unpack_history(packed)
    names = _names(Item, set(history["item_id"].tolist()))
    # A NaN, which is nothing, becomes a null.
    return [
        {**dict(zip(history.dtype.names or (), row, strict=True)), "item_id": names.get(row[0], row[0])}
        for row in history.tolist()
    ]

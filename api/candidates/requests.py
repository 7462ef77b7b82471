"""From validated parameters to a `retrieval.types.Request`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.http import QueryDict
from rest_framework.serializers import BooleanField, CharField, IntegerField, ListField, ValidationError

from api.candidates.parameters import StrictSerializer
from retrieval.types import Request, RequestFilters, SessionEvent


@cache
def shared(serializer: type[StrictSerializer]) -> StrictSerializer:
    """The process's one instance: validating keeps nothing in it."""
    return serializer()


def query_values(query: QueryDict, serializer: type[StrictSerializer]) -> dict[str, Any]:
    """The validated query. A list is the parameter repeated, or its values separated by commas. Raises
    ValidationError."""
    fields = shared(serializer).fields
    given: dict[str, Any] = {}
    for name, values in query.lists():
        field = fields.get(name)
        if isinstance(field, ListField):
            parts = [part for value in values for part in value.split(",")]
            if field.max_length is not None and len(parts) > field.max_length:
                raise ValidationError({name: [f"At most {field.max_length} values."]}, code="max_length")
            given[name] = [part for part in parts if part]
        elif len(values) > 1:
            raise ValidationError({name: ["Give this parameter once."]}, code="repeated")
        else:
            given[name] = values[0]
    found: dict[str, Any] = shared(serializer).run_validation(given)
    return found


def body_values(body: object, serializer: type[StrictSerializer]) -> dict[str, Any]:
    """The validated body. Raises ValidationError, for a number in quotation marks too: that is text."""
    if isinstance(body, Mapping) and (mistyped := _mistyped(body, shared(serializer).fields)):
        raise ValidationError(mistyped, code="invalid")
    values: dict[str, Any] = shared(serializer).run_validation(body)
    return values


def _mistyped(body: Mapping[Any, Any], fields: Mapping[str, Any]) -> dict[str, list[str]]:
    """What REST framework would read as another type than it is. A query has only text, so there it may."""
    found: dict[str, list[str]] = {}
    for name, value in body.items():
        field = fields.get(name)
        if value is None or field is None:
            continue
        if isinstance(field, BooleanField) and not isinstance(value, bool):
            found[name] = ["Must be true or false."]
        elif isinstance(field, IntegerField) and (isinstance(value, bool) or not _is_whole(value)):
            found[name] = ["Must be a whole number."]
        elif isinstance(field, CharField) and not isinstance(value, str):
            found[name] = ["Must be text."]
    return found


def _is_whole(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def retrieval_request(
    user: str, values: Mapping[str, Any], filters: Mapping[str, Any], *, now: datetime, request_id: str
) -> Request:
    """`values` and `filters` as validated by the serializers of `api.candidates.parameters`."""
    return Request(
        user=user,
        k=values["k"],
        now=now,
        surface=values["surface"],
        exclude=frozenset(values.get("exclude", ())),
        filters=RequestFilters(
            categories=frozenset(filters.get("category", ())),
            tags=frozenset(filters.get("tag", ())),
            languages=frozenset(filters.get("language", ())),
            creators=frozenset(filters.get("creator", ())),
            published_since=filters.get("published_since"),
        ),
        deadline_ms=values.get("deadline_ms"),
        sources=tuple(dict.fromkeys(values.get("sources", ()))),
        attributes=values.get("context", {}),
        request_id=request_id,
        session=session_events(values.get("events", ()), now),
    )


def session_events(events: Sequence[Mapping[str, Any]], now: datetime) -> tuple[SessionEvent, ...]:
    """In the order of the body, the last one now where it has no time."""
    return tuple(
        SessionEvent(
            item=event["item_id"],
            type=event["type"],
            occurred_at=event.get("occurred_at") or now - timedelta(seconds=len(events) - 1 - place),
        )
        for place, event in enumerate(events)
    )

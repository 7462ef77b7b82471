"""One event on its own: is it fit to be stored, and under which id and time?"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.event_types import EventTypes
from catalog.events.values import Event, EventResult
from catalog.texts import external_id_problem, text_problem

EVENT_ID_LIMIT = 100
_SURFACE_LIMIT = 40
_REQUEST_ID_LIMIT = 64
_LARGEST = 3.4e38  # what a history entry's float32 holds
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(days=1)  # how far a client's clock may run ahead
_CONTENT = uuid.UUID("7c1f4a5e-0b6d-4f0e-9a44-51f1c6f2d6a3")  # the name space of ids made from content


@dataclass(slots=True)
class Draft:
    """An event on its way into the database; `user_id` and `item_id` are filled in once they are known."""

    row: int
    event: Event
    event_id: str
    type_id: int
    weight: float
    occurred_at: datetime
    user_id: int = 0
    item_id: int = 0

    @property
    def key(self) -> tuple[datetime, str]:
        """The primary key."""
        return self.occurred_at, self.event_id

    @property
    def named_but_undated(self) -> bool:
        """Whether a retry brings the same id but, for want of a time, another key."""
        return self.event.occurred_at is None and bool(self.event.event_id)


def check(row: int, event: Event, *, types: EventTypes, now: datetime) -> Draft | EventResult:
    """The draft, or the rejection that names the first bad field."""
    for field, reason in _problems(event, types, now):
        if reason:
            return rejected(event, field, reason)
    occurred_at = now if event.occurred_at is None else event.occurred_at
    type_id = types.ids[event.type]
    return Draft(
        row=row,
        event=event,
        event_id=event.event_id or _make_id(event),
        type_id=type_id,
        weight=types.weights[type_id],
        occurred_at=occurred_at,
    )


def rejected(event: Event, field: str, reason: str) -> EventResult:
    return EventResult(status="rejected", event_id=event.event_id or "", field=field, reason=reason)


def _problems(event: Event, types: EventTypes, now: datetime) -> Iterator[tuple[str, str]]:
    """Each field with what is wrong with it, empty where nothing is."""
    yield "user", external_id_problem(event.user)
    yield "item", external_id_problem(event.item)
    yield "type", "" if event.type in types.ids else "Unknown event type."
    yield "event_id", text_problem(event.event_id, EVENT_ID_LIMIT) if event.event_id else ""
    # Written so that NaN, which compares as false, is a problem too.
    fine = event.value is None or abs(event.value) <= _LARGEST
    yield "value", "" if fine else "Not a finite number."
    fine = event.dwell_s is None or 0 <= event.dwell_s <= _LARGEST
    yield "dwell_s", "" if fine else "Not a number of seconds from 0 up."
    yield "occurred_at", "" if event.occurred_at is None else time_problem(event.occurred_at, now)
    yield "surface", text_problem(event.surface, _SURFACE_LIMIT)
    yield "request_id", text_problem(event.request_id, _REQUEST_ID_LIMIT)


def time_problem(occurred_at: datetime, now: datetime) -> str:
    if occurred_at.tzinfo is None:
        return "Has no time zone."
    if occurred_at > now + _FUTURE:
        return "More than a day in the future."
    if occurred_at < _EARLIEST:
        return "Before 1970."
    return ""


def _make_id(event: Event) -> str:
    if event.occurred_at is None:
        return str(uuid.uuid4())
    content = (
        event.user,
        event.item,
        event.type,
        None if event.value is None else float(event.value),
        None if event.dwell_s is None else float(event.dwell_s),
        event.occurred_at.astimezone(UTC).isoformat(),
        event.surface,
        event.request_id,
    )
    return str(uuid.uuid5(_CONTENT, repr(content)))

"""Are events fit to be stored? A whole batch at once, and one on its own where something is amiss."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from catalog.event_types import EventTypes
from catalog.events.values import Event, EventResult
from catalog.texts import EXTERNAL_ID_LIMIT, external_id_problem, text_problem

EVENT_ID_LIMIT = 100
_SURFACE_LIMIT = 40
_REQUEST_ID_LIMIT = 64
_LARGEST = 3.4e38  # what a history entry's float32 holds
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(days=1)  # how far a client's clock may run ahead


def all_fit(events: Sequence[Event], *, types: EventTypes, now: datetime) -> bool:
    """Whether not one of them has a problem: found by columns, at a tenth of the price of asking each."""
    values = [event.value for event in events if event.value is not None]
    dwells_s = [event.dwell_s for event in events if event.dwell_s is not None]
    times = [event.occurred_at for event in events if event.occurred_at is not None]
    users, items = {event.user for event in events}, {event.item for event in events}
    return (
        {event.type for event in events} <= types.ids.keys()
        and "" not in users
        and "" not in items
        and _texts_fit(users, EXTERNAL_ID_LIMIT)
        and _texts_fit(items, EXTERNAL_ID_LIMIT)
        and _texts_fit({event.event_id for event in events if event.event_id}, EVENT_ID_LIMIT)
        and _texts_fit({event.surface for event in events}, _SURFACE_LIMIT)
        and _texts_fit({event.request_id for event in events}, _REQUEST_ID_LIMIT)
        and all(abs(value) <= _LARGEST for value in values)
        and all(0 <= dwell_s <= _LARGEST for dwell_s in dwells_s)
        and _times_fit(times, now)
    )


def rejection(event: Event, *, types: EventTypes, now: datetime) -> EventResult | None:
    """Names the first bad field; None for an event that is fit to be stored."""
    for field, reason in _problems(event, types, now):
        if reason:
            return rejected(event, field, reason)
    return None


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


def _texts_fit(texts: Collection[str], limit: int) -> bool:
    # What is wrong with one of them is wrong with all of them in a row, but for the length.
    together = "".join(texts)
    return max(map(len, texts), default=0) <= limit and not text_problem(together, len(together))


def _times_fit(times: Sequence[datetime], now: datetime) -> bool:
    try:
        return not times or not (time_problem(min(times), now) or time_problem(max(times), now))
    except TypeError:  # one with a time zone can't be compared with one that has none
        return False

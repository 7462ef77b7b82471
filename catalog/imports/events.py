import re
from collections.abc import Sequence

from catalog.event_types import fresh_event_types
from catalog.events import Event, EventResult, write_events
from catalog.events.checking import time_problem
from catalog.imports.cells import Cells
from catalog.imports.kind import Kind, Options
from catalog.models import EventType
from catalog.partitions import ensure_partitions_for

_TYPE_NAME = re.compile(r"[-\w]{1,40}", re.ASCII)


def _parse(cells: Cells) -> Event:
    return Event(
        event_id=cells.id("event_id"),
        user=cells.required_id("user_id"),
        item=cells.required_id("item_id"),
        type=cells.required_id("type"),
        value=cells.number("value"),
        dwell_s=cells.number("dwell_s"),
        occurred_at=cells.moment("occurred_at"),
        surface=cells.text("surface") or "",
        request_id=cells.text("request_id") or "",
    )


def _prepare(events: Sequence[Event], options: Options) -> None:
    """Old months get their partitions before their events come."""
    times = (event.occurred_at for event in events)
    ensure_partitions_for(time for time in times if time and not time_problem(time, options.now))


def _write(events: Sequence[Event], options: Options) -> list[EventResult]:
    if options.create_types:
        _create_types({event.type for event in events})
    return write_events(events, now=options.now, create_missing=options.create_missing)


def _create_types(names: set[str]) -> None:
    new = [name for name in names - set(fresh_event_types().ids) if _TYPE_NAME.fullmatch(name)]
    if new:
        types = [EventType(name=name, weight=1.0) for name in sorted(new)]
        EventType.objects.bulk_create(types, ignore_conflicts=True)
        fresh_event_types()


EVENTS = Kind(
    required=("user_id", "item_id", "type"),
    columns={"user": "user_id", "item": "item_id"},
    parse=_parse,
    prepare=_prepare,
    write=_write,
)

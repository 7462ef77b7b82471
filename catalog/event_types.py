"""The kinds of event and their weights, kept in the process for at most a second."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import Error as DatabaseError

from catalog.models import EventType

_MAX_AGE_S = 1.0


@dataclass(frozen=True, slots=True)
class EventTypes:
    ids: Mapping[str, int]  # of the active ones, by name
    weights: Mapping[int, float]  # of all, by id: histories hold events of retired types too


class _Last:
    asking = threading.Lock()
    read_at = float("-inf")
    known: EventTypes | None = None


def event_types() -> EventTypes:
    """What was known last, where Postgres is away."""
    # Where something is known, nobody waits for who asks a Postgres that may hang.
    if _is_old() and _Last.asking.acquire(blocking=_Last.known is None):
        try:
            if _is_old():
                _refresh()
        finally:
            _Last.asking.release()
    assert _Last.known is not None
    return _Last.known


def _is_old() -> bool:
    return time.monotonic() - _Last.read_at > _MAX_AGE_S


def _refresh() -> None:
    try:
        _Last.known = _stored()
    except DatabaseError:
        if _Last.known is None:
            raise
    _Last.read_at = time.monotonic()


def _stored() -> EventTypes:
    rows = list(EventType.objects.values_list("id", "name", "weight", "active"))
    return EventTypes(
        ids={name: type_id for type_id, name, _, active in rows if active},
        weights={type_id: weight for type_id, _, weight, _ in rows},
    )


def fresh_event_types() -> EventTypes:
    """As stored this moment; what a name that the process does not know calls for."""
    with _Last.asking:
        _refresh()
    return event_types()


def forget_event_types() -> None:
    """The next call reads the table again."""
    _Last.read_at, _Last.known = float("-inf"), None


def type_ids() -> Mapping[str, int]:
    return event_types().ids


def event_weights() -> Mapping[int, float]:
    return event_types().weights

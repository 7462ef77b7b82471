"""The kinds of event and their weights, kept in the process for at most a second."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachetools.func import ttl_cache
from django.db import Error as DatabaseError

from catalog.models import EventType

_MAX_AGE_S = 1.0


@dataclass(frozen=True, slots=True)
class EventTypes:
    ids: Mapping[str, int]  # of the active ones, by name
    weights: Mapping[int, float]  # of all, by id: histories hold events of retired types too


class _Last:
    known: EventTypes | None = None


@ttl_cache(maxsize=1, ttl=_MAX_AGE_S)
def event_types() -> EventTypes:
    """What was known last, where Postgres is away."""
    try:
        _Last.known = _stored()
    except DatabaseError:
        if _Last.known is None:
            raise
    return _Last.known


def _stored() -> EventTypes:
    rows = list(EventType.objects.values_list("id", "name", "weight", "active"))
    return EventTypes(
        ids={name: type_id for type_id, name, _, active in rows if active},
        weights={type_id: weight for type_id, _, weight, _ in rows},
    )


def fresh_event_types() -> EventTypes:
    """As stored this moment; what a name that the process does not know calls for."""
    event_types.cache_clear()
    return event_types()


def type_ids() -> Mapping[str, int]:
    return event_types().ids


def event_weights() -> Mapping[int, float]:
    return event_types().weights

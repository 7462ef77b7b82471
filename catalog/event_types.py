"""The kinds of event and their weights, kept in the process for at most a second."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.kept import Kept
from catalog.models import EventType

EventTypeRow = tuple[int, str, float, bool]  # id, name, weight, whether it is active


@dataclass(frozen=True, slots=True)
class EventTypes:
    ids: Mapping[str, int]  # of the active ones, by name
    weights: Mapping[int, float]  # of all, by id: histories hold events of retired types too


def event_types() -> EventTypes:
    """What was known last, where Postgres is away."""
    return _kept.get()


def _stored() -> EventTypes:
    return _of_rows(event_type_rows())


def event_type_rows() -> list[EventTypeRow]:
    """As stored this moment."""
    return list(EventType.objects.values_list("id", "name", "weight", "active"))


def take_event_types_as_known(rows: Iterable[EventTypeRow]) -> None:
    """As `Kept.take_as_known`."""
    _kept.take_as_known(_of_rows(list(rows)))


def _of_rows(rows: Sequence[EventTypeRow]) -> EventTypes:
    return EventTypes(
        ids={name: type_id for type_id, name, _, active in rows if active},
        weights={type_id: weight for type_id, _, weight, _ in rows},
    )


_kept = Kept(_stored)


def fresh_event_types() -> EventTypes:
    """As stored this moment; what a name that the process does not know calls for."""
    return _kept.fresh()


def forget_event_types() -> None:
    """The next call reads the table again."""
    _kept.forget()


def type_ids() -> Mapping[str, int]:
    return event_types().ids


def event_weights() -> Mapping[int, float]:
    return event_types().weights

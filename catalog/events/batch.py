"""A batch of events by columns, on its way into the database."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from catalog.events.values import Event

Numbers = NDArray[np.int64]
_CONTENT = uuid.UUID("7c1f4a5e-0b6d-4f0e-9a44-51f1c6f2d6a3")  # the name space of ids made from content


@dataclass(frozen=True, slots=True)
class Batch:
    """All columns are of one length. rows: where each event stands in what the caller gave.

    at_us: Unix time in µs, the same moments as `times`. user_ids, item_ids: 0 for what is not known.
    """

    rows: Numbers
    events: list[Event]
    event_ids: list[str]
    times: list[datetime]
    at_us: Numbers
    type_ids: Numbers
    user_ids: Numbers
    item_ids: Numbers

    @classmethod
    def of(
        cls,
        events: list[Event],
        rows: Numbers,
        *,
        types: Mapping[str, int],
        users: Mapping[str, int],
        items: Mapping[str, int],
        now: datetime,
    ) -> Self:
        """types, users, items: internal ids by name."""
        times = [now if event.occurred_at is None else event.occurred_at for event in events]
        return cls(
            rows=rows,
            events=events,
            event_ids=[event.event_id or _make_id(event) for event in events],
            times=times,
            at_us=_microseconds(times),
            type_ids=np.array([types[event.type] for event in events], np.int64),
            user_ids=np.array([users.get(event.user, 0) for event in events], np.int64),
            item_ids=np.array([items.get(event.item, 0) for event in events], np.int64),
        )

    def __len__(self) -> int:
        return len(self.events)

    def where(self, mask: NDArray[np.bool_]) -> Self:
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def take(self, places: Numbers) -> Self:
        """Those at these places, in this order."""
        wanted = places.tolist()
        return type(self)(
            rows=self.rows[places],
            events=[self.events[place] for place in wanted],
            event_ids=[self.event_ids[place] for place in wanted],
            times=[self.times[place] for place in wanted],
            at_us=self.at_us[places],
            type_ids=self.type_ids[places],
            user_ids=self.user_ids[places],
            item_ids=self.item_ids[places],
        )

    def in_order_of_key(self) -> Self:
        """Ascending by time and event id, the primary key, ids by code point as in Postgres' collation "C"."""
        by_id = np.array(sorted(range(len(self)), key=self.event_ids.__getitem__), np.int64)
        return self.take(by_id[np.argsort(self.at_us[by_id], kind="stable")])

    def primary_keys(self) -> list[tuple[int, str]]:
        """The primary keys, times in µs."""
        return list(zip(self.at_us.tolist(), self.event_ids, strict=True))


def _microseconds(times: Sequence[datetime]) -> Numbers:
    # To the microsecond in a double until the year 2242.
    return np.rint(np.array([time.timestamp() for time in times]) * 1e6).astype(np.int64)


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

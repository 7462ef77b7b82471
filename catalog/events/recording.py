"""A batch of events from check to commit."""

from collections.abc import Sequence
from datetime import datetime
from itertools import repeat

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.config import config
from catalog.event_types import EventTypes, event_types, fresh_event_types
from catalog.events.batch import Batch
from catalog.events.checking import all_fit, rejected, rejection
from catalog.events.histories import extend_histories, lock_histories
from catalog.events.storing import insert, stored_lately
from catalog.events.values import Event, EventResult
from catalog.external_ids import find_items, find_or_make_items, find_or_make_users, find_users
from catalog.sql import Cursor, cursor


def record_events(
    events: Sequence[Event], *, now: datetime, create_missing: bool = False
) -> list[EventResult]:
    """One result for each event, in order; all accepted ones are committed when it returns.

    The good rows land whatever the others are. An event that was stored before is a `duplicate` and changes
    nothing. `create_missing` makes users and items that are named for the first time.
    """
    with transaction.atomic(durable=True):
        return write_events(events, now=now, create_missing=create_missing)


def write_events(
    events: Sequence[Event], *, now: datetime, create_missing: bool = False
) -> list[EventResult]:
    """As `record_events`, in the caller's transaction, which must be READ COMMITTED."""
    types = _types_for(events)
    bad = {} if all_fit(events, types=types, now=now) else _rejections(events, types, now)
    with cursor() as raw:
        fit = _with_internal_ids(raw, events, bad, types, now=now, create_missing=create_missing)
        known = fit.where((fit.user_ids > 0) & (fit.item_ids > 0))
        # From here on nobody else can add events of these users, so what is looked up stays true.
        lock_histories(raw, known.user_ids.tolist())
        is_new = _marked_new(raw, known, now)
        new = known.where(is_new)
        inserted = insert(raw, new, now)
        is_new[is_new] = inserted
        extend_histories(raw, new.where(inserted), limit=config().history_limit)
    stored = _stored(known, is_new, types)
    if len(known) == len(events):
        return stored
    by_row = bad | _unknown(fit) | dict(zip(known.rows.tolist(), stored, strict=True))
    return [by_row[row] for row in range(len(events))]


def _types_for(events: Sequence[Event]) -> EventTypes:
    types = event_types()
    return types if {event.type for event in events} <= types.ids.keys() else fresh_event_types()


def _rejections(events: Sequence[Event], types: EventTypes, now: datetime) -> dict[int, EventResult]:
    """By row."""
    each = ((row, rejection(event, types=types, now=now)) for row, event in enumerate(events))
    return {row: result for row, result in each if result}


def _with_internal_ids(
    raw: Cursor,
    events: Sequence[Event],
    bad: dict[int, EventResult],
    types: EventTypes,
    *,
    now: datetime,
    create_missing: bool,
) -> Batch:
    """All but the bad ones."""
    rows = [row for row in range(len(events)) if row not in bad]
    fit = [events[row] for row in rows]
    users, items = {event.user for event in fit}, {event.item for event in fit}
    if create_missing:
        user_ids = find_or_make_users(raw, users, now)
        item_ids = find_or_make_items(raw, items, now)
    else:
        user_ids = find_users(raw, users)
        item_ids = find_items(raw, items)
    return Batch.of(fit, np.array(rows, np.int64), types=types.ids, users=user_ids, items=item_ids, now=now)


def _unknown(fit: Batch) -> dict[int, EventResult]:
    """The rejections, by row, of events whose user or item there is not."""
    return {
        int(fit.rows[at]): rejected(fit.events[at], "item", "Unknown item.")
        if fit.user_ids[at]
        else rejected(fit.events[at], "user", "Unknown user.")
        for at in np.flatnonzero((fit.user_ids == 0) | (fit.item_ids == 0)).tolist()
    }


def _marked_new(raw: Cursor, batch: Batch, now: datetime) -> NDArray[np.bool_]:
    """[n], those that are not in this batch already, and not under another time in the last days.

    For want of a time a retry brings the same id but another key; it is given the time that is stored.
    """
    is_new = np.ones(len(batch), np.bool_)
    undated = np.array([event.occurred_at is None and bool(event.event_id) for event in batch.events], bool)
    if not undated.any() and len(set(batch.event_ids)) == len(batch):
        return is_new
    stored = stored_lately(raw, batch.where(undated), now)
    keys: set[tuple[int, str]] = set()
    for at, (key, user_id) in enumerate(zip(batch.primary_keys(), batch.user_ids.tolist(), strict=True)):
        name = (user_id, batch.event_ids[at])
        if undated[at] and name in stored:
            batch.times[at] = stored[name]
            is_new[at] = False
        elif key in keys:
            is_new[at] = False
        else:
            keys.add(key)
            stored.setdefault(name, batch.times[at])
    return is_new


def _stored(known: Batch, is_new: NDArray[np.bool_], types: EventTypes) -> list[EventResult]:
    """What became of each, by columns."""
    type_ids = known.type_ids.tolist()
    columns = zip(
        ["accepted" if new else "duplicate" for new in is_new.tolist()],
        known.event_ids,
        repeat(""),
        repeat(""),
        known.user_ids.tolist(),
        known.item_ids.tolist(),
        type_ids,
        map(types.weights.__getitem__, type_ids),
        known.times,
        strict=False,  # two of them have no end
    )
    return list(map(EventResult._make, columns))

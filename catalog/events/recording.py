"""A batch of events from check to commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.db import transaction

from catalog.config import config
from catalog.event_types import EventTypes, event_types, fresh_event_types
from catalog.events.checking import Draft, check, rejected
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
    results: list[EventResult | None] = [None] * len(events)
    drafts: list[Draft] = []
    types = _types_for(events)
    for row, event in enumerate(events):
        checked = check(row, event, types=types, now=now)
        if isinstance(checked, Draft):
            drafts.append(checked)
        else:
            results[row] = checked
    with cursor() as raw:
        known = _with_internal_ids(raw, drafts, results, now=now, create_missing=create_missing)
        # From here on nobody else can add events of these users, so what is looked up stays true.
        lock_histories(raw, (draft.user_id for draft in known))
        new = _without_repeats(raw, known, results, now)
        inserted = insert(raw, new, now)
        accepted = [draft for draft in new if draft.key in inserted]
        extend_histories(raw, accepted, limit=config().history_limit)
    for draft in new:
        results[draft.row] = _result("accepted" if draft.key in inserted else "duplicate", draft)
    return [result for result in results if result is not None]


def _types_for(events: Sequence[Event]) -> EventTypes:
    types = event_types()
    return types if all(event.type in types.ids for event in events) else fresh_event_types()


def _with_internal_ids(
    raw: Cursor,
    drafts: Sequence[Draft],
    results: list[EventResult | None],
    *,
    now: datetime,
    create_missing: bool,
) -> list[Draft]:
    users = {draft.event.user for draft in drafts}
    items = {draft.event.item for draft in drafts}
    if create_missing:
        user_ids = find_or_make_users(raw, users, now)
        item_ids = find_or_make_items(raw, items, now)
    else:
        user_ids = find_users(raw, users)
        item_ids = find_items(raw, items)
    known = []
    for draft in drafts:
        draft.user_id = user_ids.get(draft.event.user, 0)
        draft.item_id = item_ids.get(draft.event.item, 0)
        if not draft.user_id:
            results[draft.row] = rejected(draft.event, "user", "Unknown user.")
        elif not draft.item_id:
            results[draft.row] = rejected(draft.event, "item", "Unknown item.")
        else:
            known.append(draft)
    return known


def _without_repeats(
    raw: Cursor, drafts: Sequence[Draft], results: list[EventResult | None], now: datetime
) -> list[Draft]:
    """Those that are not in this batch already, and not under another time in the last days."""
    stored = stored_lately(raw, [draft for draft in drafts if draft.named_but_undated], now)
    keys: set[tuple[datetime, str]] = set()
    new = []
    for draft in drafts:
        name = (draft.user_id, draft.event_id)
        if draft.named_but_undated and name in stored:
            draft.occurred_at = stored[name]
            results[draft.row] = _result("duplicate", draft)
        elif draft.key in keys:
            results[draft.row] = _result("duplicate", draft)
        else:
            keys.add(draft.key)
            stored.setdefault(name, draft.occurred_at)
            new.append(draft)
    return new


def _result(status: Literal["accepted", "duplicate"], draft: Draft) -> EventResult:
    return EventResult(
        status=status,
        event_id=draft.event_id,
        user_id=draft.user_id,
        item_id=draft.item_id,
        type_id=draft.type_id,
        weight=draft.weight,
        occurred_at=draft.occurred_at,
    )

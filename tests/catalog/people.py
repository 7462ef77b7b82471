"""A small cast for the catalog's tests: Alice and Bob, and three films."""

from datetime import UTC, datetime, timedelta

import numpy as np

from catalog.events import Event
from catalog.history import unpack_history
from catalog.models import Item, User, UserHistory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def add_cast() -> None:
    User.objects.bulk_create(User(external_id=name, created_at=NOW) for name in ["alice", "bob"])
    Item.objects.bulk_create(
        Item(external_id=name, created_at=NOW, updated_at=NOW) for name in ["fargo", "heat", "alien"]
    )


def event(
    user: str = "alice",
    item: str = "fargo",
    kind: str = "view",
    *,
    event_id: str | None = None,
    value: float | None = None,
    dwell_s: float | None = None,
    occurred_at: datetime | None = NOW,
    surface: str = "",
    request_id: str = "",
) -> Event:
    return Event(event_id, user, item, kind, value, dwell_s, occurred_at, surface, request_id)


def history_of(user: str) -> list[str]:
    """External item ids, oldest first."""
    row = UserHistory.objects.filter(user__external_id=user).first()
    ids = unpack_history(row.events)["item_id"] if row else np.empty(0, np.int64)
    names = dict(Item.objects.values_list("id", "external_id"))
    return [names[item_id] for item_id in ids.tolist()]


def version_of(user: str) -> int:
    return UserHistory.objects.get(user__external_id=user).version

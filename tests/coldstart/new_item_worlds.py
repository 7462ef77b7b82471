"""Small worlds of new items that a reader can solve in the head.

Users are "u1", "u2", …; items "i1", "i2", … were published an hour before NOW and belong to nobody, unless said.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.events import Event, record_events
from catalog.models import Creator, Item, User
from coldstart.exploration.config import ExplorationConfig, config
from coldstart.impressions import Impression, record_impressions

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rules(**changes: Any) -> ExplorationConfig:
    """The default settings with some changed."""
    return replace(config(), **changes)


def add_users(count: int) -> list[int]:
    User.objects.bulk_create(User(external_id=f"u{i}", created_at=NOW) for i in range(1, count + 1))
    return list(User.objects.order_by("id").values_list("id", flat=True))


def add_items(count: int, *, creator: str = "", **fields: Any) -> list[int]:
    """Their internal ids; numbered on from those there are."""
    first = Item.objects.count() + 1
    owner = Creator.objects.get_or_create(external_id=creator)[0] if creator else None
    values: dict[str, Any] = {"created_at": NOW - HOUR, "updated_at": NOW - HOUR, "creator": owner, **fields}
    items = [Item(external_id=f"i{i}", title=f"Item {i}", **values) for i in range(first, first + count)]
    return [item.pk for item in Item.objects.bulk_create(items)]


def shown(
    item: str, *users: str, source: str = "new_items", at: datetime = NOW, received_at: datetime | None = None
) -> None:
    """Each user is shown the item once, in a request of that user and moment."""
    rows = [Impression(request_of(user, at), user, item, 50, source, 0.01, at) for user in users]
    results = record_impressions(rows, now=received_at or at)
    assert {result.status for result in results} <= {"accepted", "duplicate"}


def engaged(
    item: str, *users: str, kind: str = "click", at: datetime = NOW, later: timedelta = timedelta(0)
) -> None:
    """Each of these users did something because of what was shown at `at`; it is reported `later` after that."""
    events = [
        Event(f"{user}-{item}-{kind}-{at}", user, item, kind, None, None, at, "", request_of(user, at))
        for user in users
    ]
    results = record_events(events, now=at + later)
    assert {result.status for result in results} == {"accepted"}


def request_of(user: str, at: datetime) -> str:
    return f"{user}-{at:%d%H%M}"


def people(count: int, first: int = 1) -> list[str]:
    return [f"u{i}" for i in range(first, first + count)]

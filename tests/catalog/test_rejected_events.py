from datetime import datetime, timedelta
from math import inf, nan
from typing import Any

import pytest

from catalog.events import record_events
from catalog.models import EventType, Interaction
from tests.catalog.people import NOW, add_cast, event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cast():
    add_cast()


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"user": "nobody"}, "user", "Unknown user."),
        ({"user": ""}, "user", "Empty."),
        ({"user": "a" * 256}, "user", "Longer than 255 characters."),
        ({"user": "al\0ice"}, "user", "Contains a NUL character."),
        ({"user": "\ud800"}, "user", "Not valid Unicode text."),
        ({"item": "nothing"}, "item", "Unknown item."),
        ({"item": "far\0go"}, "item", "Contains a NUL character."),
        ({"kind": "sneeze"}, "type", "Unknown event type."),
        ({"kind": "vi\0ew"}, "type", "Unknown event type."),
        ({"event_id": "e" * 101}, "event_id", "Longer than 100 characters."),
        ({"event_id": "\0"}, "event_id", "Contains a NUL character."),
        ({"value": nan}, "value", "Not a finite number."),
        ({"value": -inf}, "value", "Not a finite number."),
        ({"value": 1e300}, "value", "Not a finite number."),
        ({"dwell_s": nan}, "dwell_s", "Not a number of seconds from 0 up."),
        ({"dwell_s": -1.0}, "dwell_s", "Not a number of seconds from 0 up."),
        ({"occurred_at": datetime(2026, 1, 1)}, "occurred_at", "Has no time zone."),
        ({"occurred_at": NOW + timedelta(days=2)}, "occurred_at", "More than a day in the future."),
        ({"occurred_at": NOW.replace(year=1969)}, "occurred_at", "Before 1970."),
        ({"surface": "s" * 41}, "surface", "Longer than 40 characters."),
        ({"request_id": "r\0"}, "request_id", "Contains a NUL character."),
    ],
)
def test_a_bad_field_is_named_and_the_good_rows_land(change: dict[str, Any], field: str, reason: str):
    bad, good = record_events([event(**change), event(user="bob", event_id="good")], now=NOW)

    assert (bad.status, bad.field, bad.reason) == ("rejected", field, reason)
    assert (bad.user_id, bad.item_id) == (0, 0)
    assert good.status == "accepted"
    assert [stored.event_id for stored in Interaction.objects.all()] == ["good"]


def test_a_retired_type_is_unknown():
    EventType.objects.filter(name="share").update(active=False)

    [result] = record_events([event(kind="share")], now=NOW)

    assert (result.status, result.field) == ("rejected", "type")


def test_a_clock_that_runs_an_hour_ahead_is_forgiven():
    [result] = record_events([event(occurred_at=NOW + timedelta(hours=1))], now=NOW)

    assert result.status == "accepted"


def test_a_rejected_event_keeps_the_id_it_came_with():
    [result] = record_events([event(event_id="mine", user="nobody")], now=NOW)

    assert result.event_id == "mine"

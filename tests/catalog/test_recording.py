from datetime import timedelta

import numpy as np
import pytest

from catalog.config import config
from catalog.events import record_events
from catalog.history import unpack_history
from catalog.models import EventType, Interaction, Item, User, UserHistory
from tests.catalog.people import HOUR, NOW, add_cast, event, history_of, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cast():
    add_cast()


def test_an_event_is_stored_as_it_was_sent():
    given = event(
        kind="like",
        event_id="e1",
        value=4.5,
        dwell_s=30,
        occurred_at=NOW - HOUR,
        surface="home",
        request_id="r1",
    )

    record_events([given], now=NOW)

    stored = Interaction.objects.get()
    assert (stored.event_id, stored.value, stored.dwell_s) == ("e1", 4.5, 30.0)
    assert (stored.surface, stored.request_id) == ("home", "r1")
    assert (stored.occurred_at, stored.received_at) == (NOW - HOUR, NOW)
    assert (stored.user.external_id, stored.item.external_id, stored.type.name) == ("alice", "fargo", "like")


def test_a_large_batch_is_stored_as_one_by_one():
    """Large ones are copied in, small ones inserted."""
    given = [
        event(
            user=("alice", "bob")[n % 2],
            item=("fargo", "heat", "alien")[n % 3],
            kind=("view", "like")[n % 2],
            event_id=f"é{n}",
            value=None if n % 3 else n / 7,
            dwell_s=None if n % 5 else 0.5 * n,
            occurred_at=NOW - n * timedelta(microseconds=7_000_001),
            surface=("", "home", "ünter")[n % 3],
            request_id="" if n % 4 else f"r{n}",
        )
        for n in range(120)
    ]
    columns = ("user_id", "item_id", "type_id", "value", "dwell_s", "occurred_at", "received_at", "surface")
    record_events(given, now=NOW)
    copied = {row[0]: row for row in Interaction.objects.values_list("event_id", "request_id", *columns)}
    Interaction.objects.all().delete()

    for one in given:
        record_events([one], now=NOW)

    assert {
        row[0]: row for row in Interaction.objects.values_list("event_id", "request_id", *columns)
    } == copied
    assert len(copied) == 120


def test_a_result_carries_the_internal_ids_and_the_weight_of_the_type():
    [result] = record_events([event(kind="dislike", event_id="e1")], now=NOW)

    assert result.status == "accepted"
    assert result.event_id == "e1"
    assert result.user_id == User.objects.get(external_id="alice").id
    assert result.item_id == Item.objects.get(external_id="fargo").id
    assert result.type_id == EventType.objects.get(name="dislike").id
    assert result.weight == -3.0
    assert result.occurred_at == NOW


def test_an_event_without_a_time_occurred_now():
    [result] = record_events([event(occurred_at=None)], now=NOW)

    assert result.occurred_at == NOW
    assert Interaction.objects.get().occurred_at == NOW


def test_results_come_in_the_order_of_the_events():
    results = record_events(
        [event(event_id="a"), event(event_id="b", user="nobody"), event(event_id="c", user="bob")], now=NOW
    )

    assert [(result.event_id, result.status) for result in results] == [
        ("a", "accepted"),
        ("b", "rejected"),
        ("c", "accepted"),
    ]


def test_no_events_are_no_results():
    assert record_events([], now=NOW) == []


def test_the_history_row_moves_with_the_events():
    record_events([event(value=2.0, occurred_at=NOW - HOUR), event(item="heat", kind="like")], now=NOW)

    row = UserHistory.objects.get(user__external_id="alice")
    entries = unpack_history(row.events)
    assert history_of("alice") == ["fargo", "heat"]
    assert (row.version, row.event_count, row.last_event_at) == (1, 2, NOW)
    assert entries["occurred_at_s"].tolist() == [NOW.timestamp() - 3600, NOW.timestamp()]
    np.testing.assert_array_equal(entries["value"], np.array([2.0, np.nan], np.float32))
    assert np.isnan(entries["dwell_s"]).all()


def test_each_batch_moves_the_version_of_those_it_names():
    record_events([event(), event(user="bob")], now=NOW)
    record_events([event(item="heat")], now=NOW)

    assert (version_of("alice"), version_of("bob")) == (2, 1)


def test_a_late_event_lands_in_its_place():
    record_events([event(item="fargo", occurred_at=NOW - 3 * HOUR), event(item="alien")], now=NOW)

    record_events([event(item="heat", occurred_at=NOW - 2 * HOUR)], now=NOW)

    assert history_of("alice") == ["fargo", "heat", "alien"]
    assert UserHistory.objects.get(user__external_id="alice").last_event_at == NOW


@pytest.fixture
def _histories_of_two(settings):
    settings.CATALOG = settings.CATALOG | {"history_limit": 2}
    config.cache_clear()
    yield
    config.cache_clear()


@pytest.mark.usefixtures("_histories_of_two")
def test_a_history_keeps_only_the_newest():
    record_events([event(item="fargo", occurred_at=NOW - HOUR), event(item="heat")], now=NOW)

    record_events(
        [event(item="alien", occurred_at=NOW + HOUR), event(item="fargo", occurred_at=NOW - 9 * HOUR)],
        now=NOW,
    )

    row = UserHistory.objects.get(user__external_id="alice")
    assert history_of("alice") == ["heat", "alien"]
    assert row.event_count == 4


def test_unknown_users_and_items_are_made_when_asked_for():
    results = record_events([event(user="carol", item="-8949113594875411859")], now=NOW, create_missing=True)

    assert [result.status for result in results] == ["accepted"]
    assert history_of("carol") == ["-8949113594875411859"]
    assert Item.objects.get(external_id="-8949113594875411859").active
    assert User.objects.get(external_id="carol").created_at == NOW


def test_a_rejected_event_makes_nobody():
    record_events([event(user="carol", item="new", kind="sneeze")], now=NOW, create_missing=True)

    assert not User.objects.filter(external_id="carol").exists()
    assert not Item.objects.filter(external_id="new").exists()


def test_a_type_added_a_moment_ago_is_known():
    record_events([event()], now=NOW)
    EventType.objects.create(name="listen", weight=1.5)

    [result] = record_events([event(kind="listen")], now=NOW)

    assert (result.status, result.weight) == ("accepted", 1.5)


def test_a_replay_runs_in_the_past():
    long_ago = NOW.replace(year=2016)

    results = record_events([event(occurred_at=None), event(item="heat", occurred_at=NOW)], now=long_ago)

    assert [result.status for result in results] == ["accepted", "rejected"]
    assert Interaction.objects.get().received_at == long_ago

from datetime import timedelta, timezone

import pytest

from catalog.events import record_events
from catalog.models import Interaction, UserHistory
from tests.catalog.people import HOUR, NOW, add_cast, event, history_of, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cast():
    add_cast()


def test_a_retry_is_a_duplicate_and_changes_nothing():
    batch = [event(event_id="a"), event(event_id="b", item="heat")]
    first = record_events(batch, now=NOW)

    second = record_events(batch, now=NOW + HOUR)

    assert [result.status for result in second] == ["duplicate", "duplicate"]
    assert [result.item_id for result in second] == [result.item_id for result in first]
    assert Interaction.objects.count() == 2
    assert UserHistory.objects.get(user__external_id="alice").event_count == 2
    assert (history_of("alice"), version_of("alice")) == (["fargo", "heat"], 1)


def test_a_retry_with_one_more_event_adds_only_that():
    record_events([event(event_id="a")], now=NOW)

    results = record_events([event(event_id="a"), event(event_id="b", item="heat")], now=NOW)

    assert [result.status for result in results] == ["duplicate", "accepted"]
    assert history_of("alice") == ["fargo", "heat"]


def test_the_second_of_two_in_one_batch_is_a_duplicate():
    results = record_events([event(event_id="a"), event(event_id="a")], now=NOW)

    assert [result.status for result in results] == ["accepted", "duplicate"]
    assert history_of("alice") == ["fargo"]


def test_the_same_content_at_the_same_time_is_the_same_event():
    [first] = record_events([event(value=3)], now=NOW)
    [second] = record_events([event(value=3.0)], now=NOW + HOUR)
    [other] = record_events([event(value=4.0)], now=NOW + HOUR)

    assert first.event_id == second.event_id != other.event_id
    assert [first.status, second.status, other.status] == ["accepted", "duplicate", "accepted"]


def test_the_same_moment_in_another_time_zone_is_the_same_event():

    abroad = NOW.astimezone(timezone(timedelta(hours=5)))

    first, second = record_events([event(), event(occurred_at=abroad)], now=NOW)

    assert first.event_id == second.event_id
    assert second.status == "duplicate"


def test_events_with_neither_id_nor_time_are_all_different():
    first, second = record_events([event(occurred_at=None), event(occurred_at=None)], now=NOW)

    assert first.event_id != second.event_id
    assert [first.status, second.status] == ["accepted", "accepted"]


def test_a_retry_without_a_time_is_recognized_by_its_id():
    record_events([event(event_id="click-7", occurred_at=None)], now=NOW)

    [retry] = record_events([event(event_id="click-7", occurred_at=None)], now=NOW + 47 * HOUR)

    assert (retry.status, retry.occurred_at) == ("duplicate", NOW)
    assert Interaction.objects.count() == 1
    assert version_of("alice") == 1


def test_an_id_without_a_time_is_recognized_among_the_events_of_its_user_only():
    record_events([event(event_id="1", occurred_at=None)], now=NOW)

    [result] = record_events([event(user="bob", event_id="1", occurred_at=None)], now=NOW + HOUR)

    assert result.status == "accepted"


def test_an_id_without_a_time_repeats_within_one_batch():
    results = record_events(
        [event(event_id="a", occurred_at=NOW - HOUR), event(event_id="a", occurred_at=None)], now=NOW
    )

    assert [result.status for result in results] == ["accepted", "duplicate"]
    assert results[1].occurred_at == NOW - HOUR


def test_a_large_batch_of_which_one_event_is_stored_adds_only_the_others():
    record_events([event(event_id="e001", item="heat")], now=NOW)
    batch = [event(event_id=f"e{n:03}", user=["alice", "bob"][n % 2]) for n in range(150)]
    batch[1] = event(event_id="e001", item="heat")

    results = record_events(batch, now=NOW)

    assert [n for n, result in enumerate(results) if result.status == "duplicate"] == [1]
    assert Interaction.objects.count() == 150
    assert (len(history_of("alice")), len(history_of("bob"))) == (76, 74)
    assert {result.status for result in record_events(batch, now=NOW)} == {"duplicate"}
    assert (version_of("alice"), Interaction.objects.count()) == (2, 150)

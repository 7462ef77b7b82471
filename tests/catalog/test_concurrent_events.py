from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from catalog.events import Event, EventResult, record_events
from catalog.models import Interaction, Item, User, UserHistory
from catalog.writing import delete_users
from tests.catalog.people import NOW, add_cast, event, history_of

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 4


def record_at_once(batches: list[list[Event]]) -> list[list[EventResult]]:
    """Each batch in a thread and a connection of its own, all let go together."""
    gate = Barrier(len(batches))

    def record(batch: list[Event]) -> list[EventResult]:
        try:
            gate.wait(timeout=30)
            return record_events(batch, now=NOW, create_missing=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(record, batches))


def test_the_same_batch_from_many_clients_lands_once():
    add_cast()
    batch = [event(event_id=f"e{n}", item=["fargo", "heat"][n % 2]) for n in range(50)]

    answers = record_at_once([batch] * WRITERS)

    accepted = [result.event_id for answer in answers for result in answer if result.status == "accepted"]
    assert sorted(accepted) == sorted(given.event_id or "" for given in batch)
    assert Interaction.objects.count() == 50
    assert UserHistory.objects.get().event_count == 50
    assert len(history_of("alice")) == 50


def test_an_id_without_a_time_from_many_clients_lands_once():
    add_cast()

    answers = record_at_once([[event(event_id="once", occurred_at=None)]] * WRITERS)

    assert sorted(answer[0].status for answer in answers) == ["accepted"] + ["duplicate"] * (WRITERS - 1)


def test_different_events_of_one_user_are_all_in_the_history():
    add_cast()
    batches = [[event(event_id=f"w{writer}-{n}") for n in range(20)] for writer in range(WRITERS)]

    record_at_once(batches)

    row = UserHistory.objects.get()
    assert (row.event_count, row.version) == (20 * WRITERS, WRITERS)
    assert len(history_of("alice")) == 20 * WRITERS


def test_batches_that_name_the_same_new_people_in_opposite_orders_do_not_deadlock():
    names = [str(n) for n in range(200)]
    forwards = [event(user=f"u{name}", item=f"i{name}", event_id=f"f{name}") for name in names]
    backwards = [event(user=f"u{name}", item=f"i{name}", event_id=f"b{name}") for name in reversed(names)]

    answers = record_at_once([forwards, backwards, forwards, backwards])

    assert {result.status for result in answers[0] + answers[1]} <= {"accepted", "duplicate"}
    assert (User.objects.count(), Item.objects.count()) == (200, 200)
    assert Interaction.objects.count() == 400
    assert set(UserHistory.objects.values_list("event_count", flat=True)) == {2}


def test_what_is_acknowledged_is_visible_to_other_connections():
    add_cast()
    record_events([event()], now=NOW)

    def count_elsewhere() -> int:
        try:
            return Interaction.objects.count()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(count_elsewhere).result() == 1


def test_events_that_race_with_an_erasure_leave_nothing_of_the_erased_user():
    add_cast()
    gate = Barrier(2)

    def erase() -> None:
        try:
            gate.wait(timeout=30)
            delete_users(["alice"])
        finally:
            connection.close()

    def record() -> None:
        try:
            gate.wait(timeout=30)
            record_events([event(event_id=str(n)) for n in range(100)], now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(erase), pool.submit(record)]:
            done.result()

    assert not User.objects.filter(external_id="alice").exists()
    assert not Interaction.objects.exists()
    assert not UserHistory.objects.exists()

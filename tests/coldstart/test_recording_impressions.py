from dataclasses import replace
from datetime import timedelta

import pytest

from catalog.writing import delete_users
from coldstart.impressions import Impression, record_impressions
from coldstart.impressions.logging import Answered, ImpressionLog, write
from coldstart.impressions.values import Shown
from coldstart.models import Chance, Explored, Spending
from coldstart.models import Impression as Row
from tests.coldstart.new_item_worlds import NOW, add_items, add_users

pytestmark = pytest.mark.django_db

ONE = Impression("r1", "u1", "i1", position=3, source="trending")


@pytest.fixture(autouse=True)
def _world() -> None:
    add_users(3)
    add_items(3)


def statuses(*rows: Impression, now=NOW) -> list[str]:
    return [result.status for result in record_impressions(rows, now=now)]


def test_an_impression_is_stored_with_where_and_why_it_was_shown():
    assert statuses(replace(ONE, source="bandit", propensity=0.25)) == ["accepted"]

    row = Row.objects.get()
    assert (row.request_id, row.position, row.source, row.propensity) == ("r1", 3, "bandit", 0.25)
    assert row.shown_at == NOW


def test_the_same_item_of_the_same_request_counts_once_even_at_another_time():
    statuses(ONE)

    assert statuses(ONE, now=NOW + timedelta(hours=2)) == ["duplicate"]
    assert statuses(replace(ONE, shown_at=NOW - timedelta(minutes=1))) == ["duplicate"]
    assert statuses(replace(ONE, item="i2"), replace(ONE, item="i2")) == ["accepted", "duplicate"]
    assert Row.objects.count() == 2


def test_another_request_or_another_user_is_another_impression():
    assert statuses(ONE, replace(ONE, request_id="r2"), replace(ONE, user="u2")) == ["accepted"] * 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request_id": ""}, "request_id"),
        ({"request_id": "x" * 65}, "request_id"),
        ({"user": "nobody"}, "user"),
        ({"item": "nothing"}, "item"),
        ({"position": 0}, "position"),
        ({"propensity": 0.0}, "propensity"),
        ({"propensity": float("nan")}, "propensity"),
        ({"source": "a\0b"}, "source"),
        ({"shown_at": NOW + timedelta(days=2)}, "shown_at"),
    ],
)
def test_a_bad_row_names_its_field_and_the_good_ones_land(change, field):
    bad, good = record_impressions([replace(ONE, **change), ONE], now=NOW)

    assert (bad.status, bad.field) == ("rejected", field)
    assert good.status == "accepted"
    assert Row.objects.count() == 1


def test_only_exploring_impressions_are_remembered_as_tried_and_count_against_the_budget():
    statuses(ONE, replace(ONE, item="i2", source="new_items"), replace(ONE, item="i3", source="bandit"))

    assert Explored.objects.count() == 2
    spending = Spending.objects.get()
    assert (spending.shown, spending.explored) == (3, 2)


def test_what_chance_had_a_say_in_is_noted_whether_it_was_tried_or_left_and_nothing_else_is():
    statuses(ONE)
    assert not Chance.objects.exists()

    statuses(replace(ONE, item="i2", propensity=0.5))
    left = Chance.objects.get().stored_at
    statuses(replace(ONE, item="i3", source="bandit", propensity=0.5))

    assert Chance.objects.get().stored_at > left
    tried = Chance.objects.get().stored_at
    statuses(replace(ONE, item="i3", source="bandit", propensity=0.5))
    assert Chance.objects.get().stored_at == tried


def test_a_repeat_costs_no_budget():
    statuses(ONE)
    statuses(ONE)

    assert Spending.objects.get().shown == 1


def test_who_is_erased_takes_the_impressions_along():
    statuses(replace(ONE, source="new_items"), replace(ONE, user="u2"))

    delete_users(["u1"])

    assert list(Row.objects.values_list("user__external_id", flat=True)) == ["u2"]
    assert not Explored.objects.exists()


def shown(user_id: int, item_id: int = 1) -> Shown:
    return Shown(user_id, "r9", item_id, NOW, 1, "trending", None)


def test_what_an_answer_shows_is_stored_but_not_of_who_was_erased_meanwhile():
    user_id = add_users_id()

    write([Answered([shown(user_id), shown(10**9)], NOW)])

    assert list(Row.objects.values_list("user_id", flat=True)) == [user_id]


def test_a_full_queue_drops_and_does_not_wait(monkeypatch):
    log = ImpressionLog(waiting=1)
    monkeypatch.setattr(log, "_start", lambda: None)
    answered = Answered([shown(add_users_id())], NOW)

    assert log.add(answered)
    assert not log.add(answered)

    log.flush()
    assert Row.objects.count() == 1


def test_what_cannot_be_stored_is_counted_and_raises_nothing():
    write([Answered([Shown(add_users_id(), "r", 1, NOW, 0, "position 0 is none", None)], NOW)])

    assert Row.objects.count() == 0


def add_users_id() -> int:
    from catalog.models import User

    return User.objects.get(external_id="u1").pk

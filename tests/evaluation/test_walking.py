"""The world of films, walked from three hours ago to now."""

import datetime as dt

import numpy as np
import pytest

from catalog.events import Event, record_events
from catalog.history import empty_history, unpack_history
from catalog.models import Interaction, Item, UserHistory
from retrieval import trending
from retrieval.evaluation.past import as_of, newcomers
from retrieval.evaluation.walking import Wish, walk, wishes
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)
BEGIN = NOW - 4 * HOUR


@pytest.fixture
def world():
    return movie_world()


def walked(world, *, begin=BEGIN):
    """For each wish: its item, what trends at its moment, and what its user is known to have met."""
    seen = []
    wanted = wishes(begin, NOW, most=100)
    with as_of(begin, []) as past:
        for wish in walk(past, begin, wanted):
            row = UserHistory.objects.filter(user_id=wish.user_id).first()
            history = unpack_history(row.events) if row else empty_history()
            met = world.names(history["item_id"])
            (film,) = world.names([wish.item_id])
            seen.append((wish.user, film, world.names(trending.top(9).item_ids), met))
    return seen


def test_each_request_finds_what_had_happened_by_then_and_nothing_else(world):
    assert walked(world) == [
        # ben shares amelie: nothing has happened but what cat liked the day before.
        ("ben", "amelie", ["lebowski"], []),
        ("ann", "heat", ["amelie", "lebowski"], []),
        ("cat", "alien", ["amelie", "lebowski"], ["lebowski"]),
        ("ann", "fargo", ["amelie", "heat", "alien", "lebowski"], ["heat"]),
        ("ben", "alien", ["amelie", "heat", "alien", "lebowski"], ["amelie"]),
    ]


def test_what_was_met_before_is_no_wish(world):
    did("ann", "like", "heat", hours_ago=0.5)
    did("cat", "dislike", "runner", hours_ago=0.5)

    wanted = [(wish.user, *world.names([wish.item_id])) for wish in wishes(NOW - HOUR, NOW, most=100)]

    assert wanted == [("ann", "fargo"), ("ben", "alien")]


def test_only_the_types_that_count_make_wishes(world):
    found = wishes(BEGIN, NOW, most=100, types=["share"])

    assert [world.names([wish.item_id]) for wish in found] == [["amelie"]]


def test_a_sample_is_the_same_each_time(world):
    assert wishes(BEGIN, NOW, most=2) == wishes(BEGIN, NOW, most=2)
    assert len(wishes(BEGIN, NOW, most=2)) == 2


def test_an_item_is_there_once_the_clock_has_passed_its_first_event(world):
    first = Event("first", "ann", "sequel", "click", None, None, NOW - HOUR)
    record_events([first], now=NOW, create_missing=True)
    sequel = Item.objects.get(external_id="sequel").id
    moments = [NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR / 2]
    wanted = [Wish(world.users["dan"], "dan", sequel, at) for at in moments]

    with as_of(BEGIN, []) as past:
        there = [sequel not in newcomers() for _ in walk(past, BEGIN, wanted)]

    assert there == [False, False, True]


def test_nothing_real_moves(world):
    before = set(Interaction.objects.values_list("event_id", flat=True))

    walked(world)

    assert set(Interaction.objects.values_list("event_id", flat=True)) == before
    assert np.all([row.event_count > 0 for row in UserHistory.objects.all()])

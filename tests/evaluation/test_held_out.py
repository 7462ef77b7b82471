"""The world of films without what each met last."""

import pytest

from catalog.models import Interaction, UserHistory
from retrieval.evaluation.held_out import held_out, keep_histories, without_newest
from retrieval.evaluation.past import make_lists
from retrieval.trending import top
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return movie_world()


def test_half_of_what_each_met_is_held_out_newest_first(world):
    with without_newest(0.5, now=NOW) as past:
        found = held_out(past)
        left = {tuple(row) for row in Interaction.objects.values_list("user_id", "item_id")}

    assert {
        user: world.names(items) for user, items in zip(found.external_ids, found.items, strict=True)
    } == {
        "ann": ["fargo"],
        "ben": ["alien"],
        "cat": ["alien"],
    }
    assert left == {
        (world.users[user], world.items[film])
        for user, film in (("ann", "heat"), ("ben", "amelie"), ("cat", "lebowski"))
    }
    assert Interaction.objects.count() == 6


def test_all_events_of_a_held_out_item_go_with_it(world):
    did("ann", "view", "fargo", hours_ago=40)
    did("ann", "like", "heat", hours_ago=0.5)

    with without_newest(0.5, now=NOW):
        # Heat was met last, long after fargo.
        assert set(
            Interaction.objects.filter(user_id=world.users["ann"]).values_list("item_id", flat=True)
        ) == {world.items["fargo"]}


def test_only_what_is_liked_in_a_way_that_counts_is_to_be_found(world):
    did("dan", "dislike", "heat", hours_ago=2)
    did("dan", "dislike", "lebowski", hours_ago=1)

    with without_newest(0.5, now=NOW) as past:
        assert "dan" not in held_out(past).external_ids
        assert held_out(past, types=["like"]).external_ids == ["ann"]


def test_histories_and_lists_know_nothing_of_it(world):
    with without_newest(0.5, now=NOW) as past:
        assert UserHistory.objects.count() == 0
        keep_histories(past, world.users.values())
        make_lists(NOW)

        lengths = dict(UserHistory.objects.values_list("user__external_id", "event_count"))
        assert lengths == {"ann": 1, "ben": 1, "cat": 1}
        assert set(world.names(top(9).item_ids)) == {"heat", "amelie", "lebowski"}

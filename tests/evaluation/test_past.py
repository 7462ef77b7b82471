"""The world of films as it was three hours ago, when only cat's two oldest events and ben's first had happened."""

import datetime as dt

import pytest

from catalog.models import Interaction, Item, UserHistory
from retrieval import trending
from retrieval.config import config
from retrieval.evaluation.past import as_of, newcomers
from retrieval.toplists import top_lists
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def world():
    made = movie_world()
    trending.rebuild(NOW)
    return made


def test_events_and_histories_end_at_the_moment(world):
    with as_of(NOW - 2 * HOUR, world.users.values()):
        assert Interaction.objects.count() == 2
        lengths = dict(UserHistory.objects.values_list("user__external_id", "event_count"))
        assert lengths == {"ann": 0, "ben": 1, "cat": 1}

    assert Interaction.objects.count() == 6


def test_only_those_users_have_a_history(world):
    with as_of(NOW, [world.users["ann"]]):
        assert UserHistory.objects.count() == 1


def test_what_trends_is_what_trended_then(world):
    with as_of(NOW - 2 * HOUR, []):
        assert world.names(trending.top(9).item_ids) == ["amelie", "lebowski"]

    assert len(trending.top(9)) == 5


def test_lists_are_made_of_what_came_before(world):
    with as_of(NOW - 2 * HOUR, []):
        (ids, _) = top_lists("tag", ["funny"], None)["funny"]
        assert world.names(ids)[0] == "amelie"


def test_an_item_that_came_later_is_not_there(world):
    later = Item.objects.create(external_id="sequel", created_at=NOW, updated_at=NOW)

    with as_of(NOW - HOUR, []):
        assert newcomers() == {later.id}
        assert not Item.objects.filter(external_id="sequel").exists()

    assert Item.objects.filter(external_id="sequel").exists()


def test_all_is_as_it_was_even_after_a_failure(world):
    before = config()

    with pytest.raises(ZeroDivisionError), as_of(NOW - 2 * HOUR, []):
        raise ZeroDivisionError

    assert config() == before
    assert Interaction.objects.count() == 6
    assert len(trending.top(9)) == 5

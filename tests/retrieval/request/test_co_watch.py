from datetime import timedelta

import pytest

from catalog.models import User
from retrieval.hot import watched_statements
from retrieval.source import all_sources
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["co_watch"]


@pytest.fixture
def world() -> World:
    return movie_world()


def others(*names: str) -> None:
    for name in names:
        User.objects.create(external_id=name, created_at=NOW - timedelta(days=100))


def names(world: World, **changes: object) -> list[str]:
    return world.names(SOURCE.retrieve(world.context("ann", **changes), 10).item_ids)


def test_what_came_after_is_before_what_came_before(world):
    others("eve")
    for film, hours_ago in (("runner", 12), ("fargo", 11), ("amelie", 10)):
        did("eve", "view", film, hours_ago=hours_ago)

    assert names(world) == ["amelie", "runner"]


def test_two_who_went_on_alike_count_for_more_than_one(world):
    others("eve", "fay", "gus")
    for person, film in (("eve", "runner"), ("fay", "notebook"), ("gus", "notebook")):
        did(person, "view", "fargo", hours_ago=10)
        did(person, "view", film, hours_ago=9)

    assert names(world) == ["notebook", "runner"]


def test_the_last_item_counts_most(world):
    """ann liked fargo after she clicked heat."""
    others("eve", "fay")
    for person, seed, film in (("eve", "heat", "runner"), ("fay", "fargo", "notebook")):
        did(person, "view", seed, hours_ago=10)
        did(person, "view", film, hours_ago=9)

    found = SOURCE.retrieve(world.context("ann"), 10)

    assert world.names(found.item_ids) == ["notebook", "runner"]
    assert world.names(found.seeds) == ["fargo", "heat"]


def test_yesterday_counts_half_of_today(world):
    others("eve", "fay")
    for person, film, hours_ago in (("eve", "runner", 30), ("fay", "notebook", 6)):
        did(person, "view", "fargo", hours_ago=hours_ago + 1)
        did(person, "view", film, hours_ago=hours_ago)

    scores = SOURCE.retrieve(world.context("ann"), 10).scores

    assert scores[1] == pytest.approx(scores[0] / 2, rel=1e-4)


def test_what_was_disliked_or_is_known_or_too_long_after_is_not_found(world):
    others("eve")
    did("eve", "view", "fargo", hours_ago=24 * 20)
    did("eve", "dislike", "runner", hours_ago=24 * 20 - 1)
    did("eve", "view", "heat", hours_ago=24 * 20 - 2)
    did("eve", "view", "amelie", hours_ago=24 * 5)

    assert names(world) == []


def test_the_audience_is_the_newest(world):
    others("eve", "fay")
    for person, film, hours_ago in (("eve", "runner", 30), ("fay", "notebook", 6)):
        did(person, "view", "fargo", hours_ago=hours_ago + 1)
        did(person, "view", film, hours_ago=hours_ago)

    assert names(world, options={"audience": 1}) == ["notebook"]


def test_it_asks_once(world):
    with watched_statements() as statements:
        SOURCE.retrieve(world.context("ann"), 10)

    assert len(statements) == 1

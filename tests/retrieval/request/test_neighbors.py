from datetime import timedelta

import pytest

from catalog.models import User
from retrieval.hot import watched_statements
from retrieval.source import all_sources
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["neighbors"]


@pytest.fixture
def world() -> World:
    """ann liked fargo after she clicked heat; here nobody else is near her but who is named."""
    world = movie_world()
    for name in ("eve", "fay", "gus"):
        User.objects.create(external_id=name, created_at=NOW - timedelta(days=100))
    return world


def scores(world: World, **options: int) -> dict[str, float]:
    found = SOURCE.retrieve(world.context("ann", options=options), 10)
    return dict(zip(world.names(found.item_ids), found.scores.tolist(), strict=True))


def test_what_somebody_with_two_of_her_items_likes_counts_more_than_with_one(world):
    for film in ("fargo", "heat", "runner"):
        did("eve", "view", film, hours_ago=300)
    for film in ("fargo", "notebook"):
        did("fay", "view", film, hours_ago=1)

    found = scores(world)

    assert found["runner"] > found["notebook"]


def test_a_neighbor_has_one_say_on_an_item_and_none_where_she_disliked_it(world):
    did("eve", "view", "fargo", hours_ago=5)
    did("eve", "view", "runner", hours_ago=4)
    did("eve", "dislike", "notebook", hours_ago=4)
    once = scores(world)

    did("eve", "click", "runner", hours_ago=3)

    assert scores(world) == once
    assert "notebook" not in once


def test_who_turned_to_what_everybody_did_says_less(world):
    did("eve", "view", "fargo", hours_ago=5)
    did("eve", "view", "runner", hours_ago=4)
    alone = scores(world)["runner"]

    did("fay", "view", "fargo", hours_ago=3)
    did("gus", "view", "fargo", hours_ago=2)

    assert scores(world)["runner"] < alone


def test_it_reads_the_newest_of_each_and_asks_once(world):
    did("eve", "view", "fargo", hours_ago=5)
    did("eve", "view", "runner", hours_ago=4)
    did("eve", "view", "notebook", hours_ago=3)

    with watched_statements() as statements:
        found = scores(world, neighbors=1, events=1, audience=1)

    assert set(found) == {"notebook"}
    assert len(statements) == 1

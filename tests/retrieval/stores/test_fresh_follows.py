"""What creators whom the user follows published of late."""

from datetime import timedelta

import pytest

from catalog.models import Creator, CreatorFollow, Item
from catalog.writing import ItemFields, put_items
from retrieval.source import all_sources
from tests.worlds import NOW, World, add_news, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Ann follows mann, whose "premiere" is an hour old."""
    return add_news(movie_world())


def publish(name: str, creator: str, *, hours_ago: float) -> None:
    at = NOW - timedelta(hours=hours_ago)
    put_items([ItemFields(external_id=name, creator=creator, published_at=at)], at)


def found(world: World, user: str = "ann", k: int = 10, **options) -> list[str]:
    ids = all_sources()["fresh_follows"].retrieve(world.context(user, options=options), k).item_ids.tolist()
    items = Item.objects.in_bulk(ids)
    return [items[item_id].external_id for item_id in ids]


def test_the_newest_comes_first_and_what_is_old_or_of_others_does_not_come(world):
    publish("yesterday", "mann", hours_ago=24)
    publish("now", "mann", hours_ago=0)
    publish("last month", "mann", hours_ago=24 * 30)
    publish("of a stranger", "coen", hours_ago=1)

    assert found(world) == ["now", "premiere", "yesterday"]
    assert found(world, k=1) == ["now"]


def test_a_score_halves_with_each_day(world):
    publish("yesterday", "mann", hours_ago=25)

    scores = all_sources()["fresh_follows"].retrieve(world.context("ann"), 2).scores

    assert scores[1] == pytest.approx(scores[0] / 2)


def test_how_far_back_it_looks_is_an_option(world):
    publish("last month", "mann", hours_ago=24 * 30)

    assert found(world, window_s=40 * 86_400) == ["premiere", "last month"]
    assert found(world, window_s=60) == []


def test_what_will_be_published_and_what_is_taken_out_do_not_come(world):
    publish("tomorrow", "mann", hours_ago=-24)
    Item.objects.filter(external_id="premiere").update(active=False)

    assert found(world) == []


def test_one_busy_creator_does_not_crowd_out_the_others(world):
    CreatorFollow.objects.create(
        user_id=world.users["ann"], creator=Creator.objects.get(external_id="coen"), created_at=NOW
    )
    for number in range(60):
        publish(f"mann {number}", "mann", hours_ago=0.1)
    publish("coen", "coen", hours_ago=5)

    assert "coen" in found(world, k=100)


def test_who_follows_no_creator_is_skipped(world):
    assert not all_sources()["fresh_follows"].applies_to(world.context("ben"))

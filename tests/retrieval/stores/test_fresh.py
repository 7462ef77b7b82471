"""The newest items, by when they were published, else by when they came."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from catalog.external_ids import find_or_make_items
from catalog.models import Item
from catalog.sql import cursor
from retrieval.source import all_sources
from retrieval.types import Found
from tests.worlds import NOW, World, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return movie_world()


def newest(world: World, k: int = 3, *, hours_later: float = 0) -> Found:
    context = replace(world.context("dan"), now=NOW + timedelta(hours=hours_later))
    return all_sources()["fresh"].retrieve(context, k)


def test_the_newest_films_come_first(world):
    assert world.names(newest(world).item_ids) == ["notebook", "amelie", "lebowski"]


def test_what_is_not_active_is_not_there(world):
    assert "lost" not in world.names(newest(world, k=100).item_ids)


def test_what_is_published_tomorrow_is_not_there_today_but_tomorrow(world):
    Item.objects.filter(external_id="heat").update(published_at=NOW + timedelta(days=1))

    assert "heat" not in world.names(newest(world, k=100).item_ids)
    assert world.names(newest(world, k=1, hours_later=24).item_ids) == ["heat"]


def test_an_item_without_a_date_is_as_old_as_its_place_in_the_catalogue(world):
    with cursor() as raw:
        made = find_or_make_items(raw, {"seen in the log"}, NOW - timedelta(hours=1))

    found = newest(world, k=1)

    assert found.item_ids.tolist() == [made["seen in the log"]]
    assert found.scores[0] == pytest.approx(-np.log(2))


def test_of_one_moment_the_last_that_came_is_first(world):
    Item.objects.filter(external_id__in=["alien", "runner"]).update(published_at=NOW)

    assert world.names(newest(world, k=2).item_ids) == ["runner", "alien"]

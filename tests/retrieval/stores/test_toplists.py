from datetime import UTC, datetime, timedelta
from math import exp

import numpy as np
import pytest

from catalog.models import Item
from retrieval import toplists
from retrieval.hot import watched_statements
from retrieval.models import TopList
from retrieval.toplists import entering, membership
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db
THIRTY_DAYS_H = 30 * 24


def names(world, kind, value):
    found = toplists.top_lists(kind, [value], None)
    return world.names(found[value][0]) if found else None


def new_item(name: str, **fields) -> int:
    values = {"created_at": NOW, "updated_at": NOW, "category": "crime", "tags": ["snow"], **fields}
    return Item.objects.create(external_id=name, title=name, **values).pk


def test_a_list_holds_the_active_items_of_its_attribute_best_first():
    world = movie_world()

    toplists.rebuild(NOW)

    assert names(world, "tag", "funny") == ["amelie", "fargo", "lebowski"]
    assert names(world, "category", "crime") == ["fargo", "heat"]
    assert names(world, "creator", str(world.creators["scott"])) == ["alien", "runner"]
    assert names(world, "tag", "letters") == ["notebook"]
    assert names(world, "tag", "opera") is None


def test_scores_decay_with_thirty_days_and_never_reach_zero():
    world = movie_world()

    toplists.rebuild(NOW)

    ids, scores = toplists.top_lists("all", [""], None)[""]
    score_of = dict(zip(world.names(ids), scores.tolist(), strict=True))
    assert score_of["fargo"] == pytest.approx(3, abs=0.01)
    assert score_of["amelie"] == pytest.approx(5 * exp(-2 / THIRTY_DAYS_H), abs=0.01)
    assert score_of["lebowski"] == pytest.approx(3 * exp(-29 / THIRTY_DAYS_H), abs=0.01)
    assert 0 < score_of["notebook"] < 0.01
    assert ids.dtype == np.int64
    assert scores.dtype == np.float32


def test_nothing_after_now_counts():
    world = movie_world()
    did("dan", "share", "notebook", hours_ago=-1)

    toplists.rebuild(NOW)

    assert names(world, "category", "romance") == ["amelie", "notebook"]
    score = toplists.top_lists("tag", ["letters"], None)["letters"][1][0]
    assert score < 0.01


def test_of_two_items_without_events_the_newer_comes_first():
    movie_world()
    new_item("old", published_at=datetime(1922, 1, 1, tzinfo=UTC), tags=["quiet"])
    new_item("new", published_at=NOW - timedelta(days=2), tags=["quiet"])

    toplists.rebuild(NOW)

    ids, scores = toplists.top_lists("tag", ["quiet"], None)["quiet"]
    assert list(Item.objects.filter(id__in=ids[:1].tolist()).values_list("external_id", flat=True)) == ["new"]
    assert scores.tolist() == pytest.approx([0.5 * exp(-2 / 30), 0.001], abs=0.002)


def test_a_list_whose_items_are_gone_is_gone():
    world = movie_world()
    toplists.rebuild(NOW)
    Item.objects.filter(external_id="notebook").update(active=False)

    toplists.rebuild(NOW)

    assert names(world, "tag", "letters") is None
    assert names(world, "category", "romance") == ["amelie"]


def test_a_list_is_cut_at_its_length(monkeypatch):
    world = movie_world()
    monkeypatch.setitem(membership.LENGTHS, "tag", 2)

    toplists.rebuild(NOW)

    assert names(world, "tag", "funny") == ["amelie", "fargo"]


def test_a_new_item_enters_its_lists_at_once():
    world = movie_world()
    toplists.rebuild(NOW)
    world.items["fresh"] = new_item("fresh", tags=["snow", "ice"], creator_id=world.creators["coen"])

    toplists.enter_items([world.items["fresh"]], NOW)

    assert names(world, "tag", "snow") == ["fargo", "fresh"]
    assert names(world, "tag", "ice") == ["fresh"]
    assert names(world, "category", "crime") == ["fargo", "heat", "fresh"]
    assert names(world, "creator", str(world.creators["coen"])) == ["fargo", "lebowski", "fresh"]
    assert "fresh" in names(world, "all", "")


def test_a_new_item_enters_a_full_list_in_the_place_of_the_last(monkeypatch):
    world = movie_world()
    monkeypatch.setitem(membership.LENGTHS, "category", 2)
    monkeypatch.setattr(entering, "RESERVED_SHARE", 0.5)
    toplists.rebuild(NOW)
    world.items["fresh"] = new_item("fresh")
    world.items["second"] = new_item("second")

    toplists.enter_items([world.items["fresh"], world.items["second"]], NOW)

    assert names(world, "category", "crime") == ["fargo", "fresh"]


def test_entering_twice_or_an_item_that_is_there_changes_nothing():
    movie_world()
    toplists.rebuild(NOW)
    before = list(TopList.objects.order_by("kind", "value").values_list("item_ids", "scores"))

    toplists.enter_items(Item.objects.values_list("id", flat=True), NOW)

    assert list(TopList.objects.order_by("kind", "value").values_list("item_ids", "scores")) == before


def test_of_a_bulk_load_the_first_enter_and_the_rest_wait_for_the_rebuild(monkeypatch):
    world = movie_world()
    toplists.rebuild(NOW)
    monkeypatch.setattr(entering, "AT_ONCE", 1)
    world.items["first"] = new_item("first", tags=["ice"])
    world.items["second"] = new_item("second", tags=["ice"])

    toplists.enter_items([world.items["first"], world.items["second"]], NOW)
    assert names(world, "tag", "ice") == ["first"]

    toplists.rebuild(NOW)
    assert names(world, "tag", "ice") == ["first", "second"]


def test_an_inactive_item_does_not_enter():
    world = movie_world()
    toplists.rebuild(NOW)

    toplists.enter_items([world.items["lost"]], NOW)

    assert names(world, "tag", "snow") == ["fargo"]


def test_lists_of_several_kinds_come_in_one_statement():
    movie_world()
    toplists.rebuild(NOW)
    wanted = [("tag", "snow"), ("category", "space"), ("tag", "opera")]

    with watched_statements() as statements:
        found = toplists.lists_of(wanted, None)

    assert (set(found), len(statements)) == ({("tag", "snow"), ("category", "space")}, 1)

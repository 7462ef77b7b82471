from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Creator, Item
from catalog.writing import ItemFields, RowResult, put_items
from tests.catalog.people import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
FARGO = ItemFields(
    "fargo",
    title="Fargo",
    description="A car salesman hires two men.",
    category="crime",
    tags=("snow", "coen", "snow"),
    language="en",
    creator="coens",
    creator_name="Joel and Ethan Coen",
    published_at=NOW.replace(year=1996),
    active=True,
    attributes={"minutes": 98},
)


def test_a_new_item_is_stored_with_its_creator():
    [result] = put_items([FARGO], NOW)

    item = Item.objects.get()
    assert result == RowResult("created", "fargo", internal_id=item.id)
    assert (item.title, item.category, item.language) == ("Fargo", "crime", "en")
    assert item.description == "A car salesman hires two men."
    assert item.tags == ["snow", "coen"]
    assert item.published_at == NOW.replace(year=1996)
    assert item.attributes == {"minutes": 98}
    assert (item.created_at, item.updated_at) == (NOW, NOW)
    assert item.creator is not None
    assert (item.creator.external_id, item.creator.name) == ("coens", "Joel and Ethan Coen")


def test_what_is_left_out_of_a_new_item_has_its_default():
    put_items([ItemFields("-8949113594875411859")], NOW)

    item = Item.objects.get()
    assert (item.external_id, item.title, item.tags, item.active) == ("-8949113594875411859", "", [], True)
    assert (item.creator, item.published_at, item.attributes) == (None, None, {})


def test_the_same_facts_again_change_nothing():
    [first] = put_items([FARGO], NOW)

    [second] = put_items([FARGO], LATER)

    assert (second.status, second.internal_id) == ("unchanged", first.internal_id)
    assert Item.objects.get().updated_at == NOW


def test_a_changed_fact_moves_updated_at_and_leaves_the_others():
    put_items([FARGO], NOW)

    [result] = put_items([ItemFields("fargo", active=False)], LATER)

    item = Item.objects.get()
    assert (result.status, result.changed, result.internal_id) == ("updated", True, item.id)
    assert (item.active, item.title, item.tags) == (False, "Fargo", ["snow", "coen"])
    assert item.creator is not None
    assert (item.created_at, item.updated_at) == (NOW, LATER)


def test_an_empty_creator_means_nobody():
    put_items([FARGO], NOW)

    put_items([ItemFields("fargo", creator="")], LATER)

    assert Item.objects.get().creator is None


def test_a_new_name_of_a_creator_is_not_a_change_of_the_item():
    put_items([FARGO], NOW)

    [result] = put_items([ItemFields("fargo", creator="coens", creator_name="The Coens")], LATER)

    assert result.status == "unchanged"
    assert Creator.objects.get().name == "The Coens"


def test_of_two_rows_for_one_item_the_last_counts():
    results = put_items([ItemFields("heat", title="Heet"), ItemFields("heat", title="Heat")], NOW)

    assert [result.status for result in results] == ["created", "created"]
    assert Item.objects.get().title == "Heat"


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"external_id": ""}, "external_id", "Empty."),
        ({"external_id": "x" * 256}, "external_id", "Longer than 255 characters."),
        ({"title": "T" * 501}, "title", "Longer than 500 characters."),
        ({"description": "\0"}, "description", "Contains a NUL character."),
        ({"category": "\udcff"}, "category", "Not valid Unicode text."),
        ({"tags": ("a", "")}, "tags", "A tag is empty."),
        ({"tags": ("t" * 101,)}, "tags", "Longer than 100 characters."),
        ({"tags": tuple(map(str, range(101)))}, "tags", "More than 100 tags."),
        ({"creator_name": "Someone"}, "creator", "Missing, though creator_name is given."),
        ({"published_at": NOW.replace(tzinfo=None)}, "published_at", "Has no time zone."),
        ({"attributes": {"a": {"b": "\0"}}}, "attributes", "Contains a NUL character."),
        ({"attributes": {"a": object()}}, "attributes", "Not a JSON object."),
        ({"attributes": {"a": "x" * 70_000}}, "attributes", "Longer than 65536 bytes."),
    ],
)
def test_a_bad_field_is_named_and_the_good_rows_land(fields: dict[str, Any], field: str, reason: str):
    bad, good = put_items([ItemFields(**{"external_id": "bad", **fields}), ItemFields("good")], NOW)

    assert (bad.status, bad.field, bad.reason, bad.internal_id) == ("rejected", field, reason, 0)
    assert good.status == "created"
    assert [item.external_id for item in Item.objects.all()] == ["good"]


def test_new_changed_and_unchanged_items_go_in_one_batch():
    put_items([ItemFields("same", title="Same"), ItemFields("old", title="Old")], NOW)

    results = put_items(
        [ItemFields("same", title="Same"), ItemFields("new"), ItemFields("old", title="Newer")], LATER
    )

    assert [result.status for result in results] == ["unchanged", "created", "updated"]


def test_no_rows_are_no_results():
    assert put_items([], NOW) == []

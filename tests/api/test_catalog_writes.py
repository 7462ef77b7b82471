from datetime import UTC, datetime

import pytest
from django.test import Client

from catalog.models import Block, CreatorFollow, Follow, Interaction, Item, User
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return movie_world()


def send(client: Client, method: str, path: str, body: object = None):
    return getattr(client, method)(f"/api/v1/{path}", body, content_type="application/json")


def statuses(response) -> list[str]:
    return [result["status"] for result in response.json()["results"]]


def test_an_item_is_made_with_everything_that_is_said_of_it(writer):
    row = {
        "item_id": -7,
        "title": "Kolya",
        "category": "Comedy",
        "tags": ["cello", "prague"],
        "language": "cs",
        "creator_id": "sverak",
        "creator_name": "Jan Svěrák",
        "published_at": "1996-05-15T02:00:00+02:00",
        "attributes": {"minutes": 111},
    }

    response = send(writer, "put", "items", row)

    item = Item.objects.get(external_id="-7", creator__external_id="sverak", creator__name="Jan Svěrák")
    assert response.json()["results"] == [{"index": 0, "status": "created", "item_id": "-7"}]
    assert (item.title, item.tags) == ("Kolya", ["cello", "prague"])
    assert item.published_at == datetime(1996, 5, 15, tzinfo=UTC)
    assert item.attributes == {"minutes": 111}


def test_what_is_left_out_stays_as_it_is(writer, world):
    send(writer, "put", "items", {"id": "fargo", "title": "Fargo (1996)"})

    fargo = Item.objects.get(external_id="fargo")
    assert (fargo.title, fargo.category) == ("Fargo (1996)", "crime")


def test_a_list_of_items_tells_new_from_changed_from_unchanged(writer, world):
    rows = [{"id": "new"}, {"id": "fargo", "active": False}, {"id": "heat", "title": "Heat"}]

    response = send(writer, "put", "items", {"items": rows})

    assert statuses(response) == ["created", "updated", "unchanged"]


def test_a_bad_item_does_not_stop_the_good_ones(writer):
    response = send(writer, "put", "items", [{"id": "a"}, {"id": "b", "tags": "funny"}, {"id": "x" * 256}])

    assert response.status_code == 207
    assert statuses(response) == ["created", "rejected", "rejected"]
    assert [result.get("field") for result in response.json()["results"]] == [None, "tags", "id"]


def test_attributes_may_not_hide_what_the_store_refuses(writer):
    response = send(
        writer, "put", "items", '[{"id": "a", "attributes": {"n": 123456789012345678901234567890}}]'
    )

    assert response.status_code == 207
    assert response.json()["results"][0]["field"] == "attributes"


def test_an_item_is_deleted_with_its_events(writer, world):
    response = send(writer, "delete", "items/fargo")

    assert (response.status_code, response.json()["status"]) == (200, "deleted")
    assert not Item.objects.filter(external_id="fargo").exists()
    assert not Interaction.objects.filter(item_id=world.items["fargo"]).exists()


def test_an_unknown_item_cannot_be_deleted(writer):
    assert send(writer, "delete", "items/nothing").status_code == 404


@pytest.mark.parametrize("path", ["items/a%2Fb", "items/a/b"])
def test_an_id_may_contain_slashes(writer, path):
    send(writer, "put", "items", {"id": "a/b"})

    assert send(writer, "delete", path).json()["item_id"] == "a/b"


def test_a_user_is_made_and_changed(writer):
    created = send(writer, "put", "users", {"user_id": 196, "age_group": "45-54"})
    updated = send(writer, "put", "users", {"user_id": "196", "social_opt_out": True})

    user = User.objects.get(external_id="196")
    assert (statuses(created), statuses(updated)) == (["created"], ["updated"])
    assert (user.age_group, user.social_opt_out) == ("45-54", True)


def test_a_user_is_erased_with_all_events(writer, world):
    response = send(writer, "delete", "users/ann")

    assert response.json()["status"] == "deleted"
    assert not Interaction.objects.filter(user_id=world.users["ann"]).exists()


def test_erasing_nobody_is_no_error(writer):
    response = send(writer, "delete", "users/-5")

    assert (response.status_code, response.json()["status"]) == (200, "missing")


def test_users_and_creators_are_followed_and_unfollowed(writer, world):
    rows = [{"user_id": "dan", "followee_id": "ann"}, {"user_id": "dan", "creator_id": "coen"}]

    assert statuses(send(writer, "put", "follows", rows)) == ["created", "created"]
    assert statuses(send(writer, "put", "follows", rows)) == ["unchanged", "unchanged"]
    assert Follow.objects.filter(follower__external_id="dan").count() == 1
    assert CreatorFollow.objects.filter(user__external_id="dan").count() == 1

    assert statuses(send(writer, "delete", "follows", {"follows": rows})) == ["deleted", "deleted"]
    assert statuses(send(writer, "delete", "follows", rows)) == ["missing", "missing"]


def test_items_creators_and_tags_are_blocked_and_unblocked(writer, world):
    rows = [
        {"user": "ann", "item": "heat"},
        {"user": "ann", "creator": "mann"},
        {"user": "ann", "tag": "scary"},
    ]

    assert statuses(send(writer, "put", "blocks", rows)) == ["created"] * 3
    assert Block.objects.filter(user__external_id="ann").count() == 3

    assert statuses(send(writer, "delete", "blocks", {"blocks": rows})) == ["deleted"] * 3


def test_a_block_names_exactly_one_thing(writer, world):
    response = send(writer, "put", "blocks", {"user_id": "ann", "item_id": "heat", "tag": "scary"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "item_id"

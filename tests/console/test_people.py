import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.models import Block, Item, User
from console.inspector import people
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db


def test_whoever_did_something_last_is_suggested_first() -> None:
    movie_world()
    assert [person.external_id for person in people.recently_active()] == ["ann", "ben", "cat"]


def test_suggestions_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    movie_world()
    with django_assert_num_queries(1):
        people.recently_active()
    with django_assert_num_queries(1):
        assert [person.external_id for person in people.begins_with("d")] == ["dan"]


def test_a_profile_counts_friends_and_follows() -> None:
    movie_world()
    profile = people.profile_of(User.objects.get(external_id="ann"))
    # ben follows back, cat does not.
    assert (profile.friends, profile.following) == (1, 2)


def test_a_profile_shows_only_what_is_known() -> None:
    user = User.objects.create(
        external_id="eve", location="Oslo", attributes={"job": "pilot"}, created_at=NOW
    )
    assert people.profile_of(user).facts == {"Location": "Oslo", "Job": "pilot"}


def test_blocks_are_named() -> None:
    movie_world()
    ann = User.objects.get(external_id="ann")
    Block.objects.create(user=ann, item=Item.objects.get(external_id="alien"), created_at=NOW)
    Block.objects.create(user=ann, tag="scary", created_at=NOW)
    assert people.profile_of(ann).blocks == ("Alien", "scary")


def test_nobody_is_found_under_an_unknown_id() -> None:
    assert people.find_user("nobody") is None

import pytest

from catalog.events import record_events
from catalog.models import User
from catalog.writing import RowResult, UserFields, put_users
from tests.catalog.people import NOW, add_cast, event, version_of

pytestmark = pytest.mark.django_db


def test_a_new_user_is_stored():
    carol = UserFields("carol", "25-34", "Oslo", "no", {"occupation": "writer"}, social_opt_out=True)

    [result] = put_users([carol], NOW)

    user = User.objects.get()
    assert result == RowResult("created", "carol", internal_id=user.id)
    assert (user.age_group, user.location, user.language) == ("25-34", "Oslo", "no")
    assert (user.attributes, user.social_opt_out, user.created_at) == ({"occupation": "writer"}, True, NOW)


def test_what_is_left_out_stays():
    put_users([UserFields("carol", age_group="25-34", location="Oslo")], NOW)

    [result] = put_users([UserFields("carol", location="Bergen")], NOW)

    user = User.objects.get()
    assert result.status == "updated"
    assert (user.age_group, user.location) == ("25-34", "Bergen")


def test_the_history_version_moves_only_with_a_changed_fact():
    add_cast()
    record_events([event()], now=NOW)

    put_users([UserFields("alice", location="Oslo")], NOW)
    put_users([UserFields("alice", location="Oslo")], NOW)

    assert version_of("alice") == 2


def test_a_bad_row_is_named_and_the_good_ones_land():
    bad, good = put_users([UserFields("carol", age_group="x" * 21), UserFields("dave")], NOW)

    assert (bad.status, bad.field, bad.reason) == ("rejected", "age_group", "Longer than 20 characters.")
    assert good.status == "created"
    assert [user.external_id for user in User.objects.all()] == ["dave"]

import pytest

from catalog.events import record_events
from catalog.models import Block, Follow, Interaction, Item, User, UserHistory
from catalog.writing import BlockFields, FollowFields, delete_items, delete_users, put_blocks, put_follows
from tests.catalog.people import NOW, add_cast, event, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _cast_with_a_past():
    add_cast()
    record_events([event(), event(item="heat"), event(user="bob")], now=NOW)
    put_follows([FollowFields("alice", followee="bob"), FollowFields("bob", followee="alice")], NOW)
    put_blocks([BlockFields("alice", item="fargo"), BlockFields("alice", tag="snow")], NOW)


def test_an_erased_user_leaves_nothing_behind():
    alice = User.objects.get(external_id="alice").id

    [result] = delete_users(["alice"])

    assert (result.status, result.internal_id) == ("deleted", alice)
    assert not User.objects.filter(id=alice).exists()
    assert not Interaction.objects.filter(user_id=alice).exists()
    assert not UserHistory.objects.filter(user_id=alice).exists()
    assert not Follow.objects.exists()
    assert not Block.objects.exists()


def test_the_others_keep_what_is_theirs():
    delete_users(["alice"])

    assert [stored.user.external_id for stored in Interaction.objects.all()] == ["bob"]


def test_the_erased_users_friends_are_told():
    before = version_of("bob")

    delete_users(["alice"])

    assert version_of("bob") == before + 1


def test_who_is_not_there_is_missing():
    results = delete_users(["nobody", "alice"])

    assert [(result.external_id, result.status) for result in results] == [
        ("nobody", "missing"),
        ("alice", "deleted"),
    ]


def test_an_erased_user_who_comes_back_is_somebody_new():
    delete_users(["alice"])

    record_events([event(item="alien")], now=NOW, create_missing=True)

    assert UserHistory.objects.get(user__external_id="alice").event_count == 1


def test_a_deleted_item_takes_its_events_and_blocks_along():
    results = delete_items(["fargo", "nothing"])

    assert [result.status for result in results] == ["deleted", "missing"]
    assert set(Item.objects.values_list("external_id", flat=True)) == {"heat", "alien"}
    assert [stored.item.external_id for stored in Interaction.objects.all()] == ["heat"]
    assert [block.tag for block in Block.objects.all()] == ["snow"]

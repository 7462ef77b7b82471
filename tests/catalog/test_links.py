import pytest

from catalog.models import Block, Creator, CreatorFollow, Follow, User
from catalog.writing import BlockFields, FollowFields, delete_blocks, delete_follows, put_blocks, put_follows
from tests.catalog.people import NOW, add_cast, version_of

pytestmark = pytest.mark.django_db
ALICE_FOLLOWS_BOB = FollowFields("alice", followee="bob")
ALICE_FOLLOWS_COENS = FollowFields("alice", creator="coens")
BLOCKS = [
    BlockFields("alice", item="fargo"),
    BlockFields("alice", creator="coens"),
    BlockFields("alice", tag="snow"),
]


@pytest.fixture(autouse=True)
def _cast():
    add_cast()


def test_a_user_follows_a_user_and_a_creator_who_is_new():
    results = put_follows([ALICE_FOLLOWS_BOB, ALICE_FOLLOWS_COENS], NOW)

    follow, creator_follow = Follow.objects.get(), CreatorFollow.objects.get()
    assert [result.status for result in results] == ["created", "created"]
    assert results[0].internal_id == User.objects.get(external_id="alice").id
    assert (follow.follower.external_id, follow.followee.external_id) == ("alice", "bob")
    assert (creator_follow.user.external_id, creator_follow.creator.external_id) == ("alice", "coens")
    assert follow.created_at == NOW


def test_a_follow_moves_the_history_versions_of_both_once():
    put_follows([ALICE_FOLLOWS_BOB, ALICE_FOLLOWS_COENS], NOW)
    put_follows([ALICE_FOLLOWS_BOB], NOW)

    assert (version_of("alice"), version_of("bob")) == (1, 1)


def test_a_follow_that_exists_is_unchanged():
    put_follows([ALICE_FOLLOWS_BOB], NOW)

    assert [result.status for result in put_follows([ALICE_FOLLOWS_BOB], NOW)] == ["unchanged"]


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (FollowFields("nobody", followee="bob"), "user", "Unknown user."),
        (FollowFields("nobody", creator="someone"), "user", "Unknown user."),
        (FollowFields("alice", followee="nobody"), "followee", "Unknown user."),
        (FollowFields("alice", followee="alice"), "followee", "Nobody follows themselves."),
        (FollowFields("alice"), "followee", "Name exactly one of followee and creator."),
        (FollowFields("alice", "bob", "coens"), "followee", "Name exactly one of followee and creator."),
        (FollowFields("alice", creator="c\0"), "creator", "Contains a NUL character."),
        (FollowFields("", followee="bob"), "user", "Empty."),
    ],
)
def test_a_bad_follow_is_named_and_the_good_ones_land(row: FollowFields, field: str, reason: str):
    bad, good = put_follows([row, ALICE_FOLLOWS_BOB], NOW)

    assert (bad.status, bad.field, bad.reason) == ("rejected", field, reason)
    assert good.status == "created"
    assert not Creator.objects.exists()


def test_users_are_made_when_asked_for():
    results = put_follows([FollowFields("carol", followee="dave")], NOW, create_missing=True)

    assert [result.status for result in results] == ["created"]
    assert set(User.objects.values_list("external_id", flat=True)) == {"alice", "bob", "carol", "dave"}


def test_a_deleted_follow_is_gone_and_versions_move():
    put_follows([ALICE_FOLLOWS_BOB, ALICE_FOLLOWS_COENS], NOW)

    results = delete_follows([ALICE_FOLLOWS_BOB, ALICE_FOLLOWS_COENS, FollowFields("bob", followee="alice")])

    assert [result.status for result in results] == ["deleted", "deleted", "missing"]
    assert (Follow.objects.count(), CreatorFollow.objects.count()) == (0, 0)
    assert (version_of("alice"), version_of("bob")) == (2, 2)


def test_deleting_a_follow_of_somebody_unknown_is_no_mistake():
    [result] = delete_follows([FollowFields("alice", followee="nobody")])

    assert result.status == "missing"


def test_items_creators_and_tags_are_blocked():
    results = put_blocks(BLOCKS, NOW)

    assert [result.status for result in results] == ["created"] * 3
    assert sorted(
        Block.objects.values_list("item__external_id", "creator__external_id", "tag"), key=str
    ) == sorted([("fargo", None, ""), (None, "coens", ""), (None, None, "snow")], key=str)


def test_a_block_that_exists_is_unchanged():
    put_blocks(BLOCKS, NOW)

    assert [result.status for result in put_blocks(BLOCKS, NOW)] == ["unchanged"] * 3
    assert Block.objects.count() == 3


def test_deleted_blocks_are_gone():
    put_blocks(BLOCKS, NOW)

    results = delete_blocks([*BLOCKS, BlockFields("bob", tag="snow")])

    assert [result.status for result in results] == ["deleted"] * 3 + ["missing"]
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (BlockFields("alice"), "item", "Name exactly one of item, creator and tag."),
        (
            BlockFields("alice", item="fargo", tag="snow"),
            "item",
            "Name exactly one of item, creator and tag.",
        ),
        (BlockFields("alice", item="nothing"), "item", "Unknown item."),
        (BlockFields("alice", tag="t" * 101), "tag", "Longer than 100 characters."),
        (BlockFields("nobody", tag="snow"), "user", "Unknown user."),
    ],
)
def test_a_bad_block_is_named_and_the_good_ones_land(row: BlockFields, field: str, reason: str):
    bad, good = put_blocks([row, BLOCKS[0]], NOW)

    assert (bad.status, bad.field, bad.reason) == ("rejected", field, reason)
    assert good.status == "created"

from datetime import timedelta

import pytest

from catalog.events import Event, record_events
from catalog.models import Block, Creator, Follow, Item, User
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.hot import watched_statements
from retrieval.mixes import Mix
from retrieval.types import Context, Request
from tests.retrieval.request.contexts import NOON

pytestmark = pytest.mark.django_db


def person(name: str, **facts) -> User:
    return User.objects.create(external_id=name, created_at=NOON, **facts)


def item(name: str) -> Item:
    return Item.objects.create(external_id=name, created_at=NOON, updated_at=NOON)


def follow(follower: User, followee: User) -> None:
    Follow.objects.create(follower=follower, followee=followee, created_at=NOON)


def context_of(name: str, revision: int = 1) -> Context:
    request = Request(user=name, k=10, now=NOON)
    return build_context(
        request, mix=Mix(revision, ()), arms={}, model=None, deadline=Deadline.after_ms(60_000)
    )


def test_a_stranger_has_an_empty_context_and_is_no_error():
    stranger = context_of("nobody")

    assert stranger.user_id == 0
    assert len(stranger.history) == 0
    assert len(stranger.friends) == 0


def test_history_comes_with_its_version_oldest_first():
    ann, heat, alien = person("ann"), item("heat"), item("alien")
    day = timedelta(days=1)
    record_events([Event(None, "ann", "heat", "like", None, None, NOON - day)], now=NOON)
    record_events([Event(None, "ann", "alien", "view", None, None, NOON - 2 * day)], now=NOON)

    context = context_of("ann")

    assert context.user_id == ann.id
    assert context.history["item_id"].tolist() == [alien.id, heat.id]
    assert context.history_version == 2
    assert context.event_count == 2


def test_what_was_disliked_is_in_the_history_but_not_liked():
    person("ann"), item("heat")
    record_events([Event(None, "ann", "heat", "hide", None, None, NOON)], now=NOON)

    context = context_of("ann")

    assert len(context.history) == 1
    assert len(context.liked()) == 0


def test_friends_come_before_those_who_are_only_followed_and_opt_outs_not_at_all():
    ann, bob, eve, tim = person("ann"), person("bob"), person("eve"), person("tim", social_opt_out=True)
    follow(ann, bob), follow(bob, ann), follow(ann, eve), follow(ann, tim), follow(tim, ann)

    assert context_of("ann").friends.tolist() == [bob.id, eve.id]


def test_followers_are_not_friends_until_followed_back():
    ann, bob = person("ann"), person("bob")
    follow(bob, ann)

    assert context_of("ann").friends.tolist() == []


def test_at_most_a_hundred_friends_are_read():
    ann = person("ann")
    for number in range(103):
        follow(ann, person(f"friend {number}"))

    assert len(context_of("ann").friends) == 100


def test_blocks_are_told_apart():
    ann, heat = person("ann"), item("heat")
    mann = Creator.objects.create(external_id="mann")
    Block.objects.create(user=ann, item=heat, created_at=NOON)
    Block.objects.create(user=ann, creator=mann, created_at=NOON)
    Block.objects.create(user=ann, tag="gore", created_at=NOON)

    context = context_of("ann")

    assert context.blocked_items.tolist() == [heat.id]
    assert context.blocked_creators.tolist() == [mann.id]
    assert context.blocked_tags == {"gore"}


def test_the_context_costs_one_statement():
    person("ann")

    with watched_statements() as statements:
        context_of("ann")

    assert len(statements) == 1


def test_the_seed_is_the_users_own_and_changes_with_the_mix():
    assert context_of("ann").seed == context_of("ann").seed
    assert len({context_of("ann").seed, context_of("bob").seed, context_of("ann", revision=2).seed}) == 3

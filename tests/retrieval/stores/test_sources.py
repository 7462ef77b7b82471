"""What each source finds in the world of movies, worked out by hand."""

from math import exp, log

import numpy as np
import pytest

from catalog.models import Item, User
from retrieval import toplists, trending
from retrieval.source import all_sources
from retrieval.types import CacheUnavailable
from retrieval.valkey import GuardedRedis
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = movie_world()
    rebuild()
    return world


def rebuild() -> None:
    trending.forget_copy()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)


def retrieve(name, context, k=10):
    return all_sources()[name].retrieve(context, k)


class TestContent:
    def test_it_finds_what_shares_attributes_with_what_was_liked_and_says_which(self, world):
        found = retrieve("content", world.context("ann"))

        # Ann liked fargo (crime, snow, funny, coen) and heat (crime, heist, mann).
        assert world.names(found.item_ids) == ["lebowski", "amelie"]
        assert world.names(found.seeds) == ["fargo", "fargo"]

    def test_the_seed_is_what_contributed_most(self, world):
        did("ann", "share", "alien", hours_ago=0.5)

        found = retrieve("content", world.context("ann"))

        because = dict(zip(world.names(found.item_ids), world.names(found.seeds), strict=True))
        assert because == {"runner": "alien", "lebowski": "fargo", "amelie": "fargo"}

    def test_a_stronger_event_weighs_more(self, world):
        did("dan", "view", "fargo", hours_ago=1)
        after_a_view = retrieve("content", world.context("dan"))

        did("dan", "share", "fargo", hours_ago=1)
        after_a_share = retrieve("content", world.context("dan"))

        assert after_a_share.item_ids.tolist() == after_a_view.item_ids.tolist()
        assert after_a_share.scores == pytest.approx(5 * after_a_view.scores)

    def test_a_recent_event_weighs_more_than_one_of_months_ago(self, world):
        did("dan", "like", "alien", hours_ago=24 * 300)
        did("dan", "like", "notebook", hours_ago=1)

        names = world.names(retrieve("content", world.context("dan")).item_ids)

        assert names == ["amelie", "runner"]

    def test_a_broad_tag_says_less_of_each_of_its_items_than_a_narrow_one(self, world):
        when = {"created_at": NOW, "updated_at": NOW}
        for number in range(40):
            Item.objects.create(external_id=f"broad {number}", tags=["drama"], **when)
        for name, tags in (("liked", ["drama", "fjords"]), ("narrow", ["fjords"])):
            world.items[name] = Item.objects.create(external_id=name, tags=tags, **when).pk
        did("dan", "like", "liked", hours_ago=1)
        rebuild()

        found = retrieve("content", world.context("dan"))

        assert found.item_ids[0] == world.items["narrow"]
        assert found.scores[0] > 2 * found.scores[1]

    def test_a_disliked_film_leads_nowhere(self, world):
        did("dan", "hide", "alien", hours_ago=1)

        assert not all_sources()["content"].applies_to(world.context("dan"))

    def test_only_the_newest_likes_count(self, world):
        did("dan", "like", "alien", hours_ago=2)
        did("dan", "like", "notebook", hours_ago=1)

        found = retrieve("content", world.context("dan", options={"seeds": 1}))

        assert world.names(found.item_ids) == ["amelie"]


class TestTrending:
    def test_the_hottest_come_first_for_everybody(self, world):
        found = retrieve("trending", world.context("a stranger"), 3)

        assert world.names(found.item_ids) == ["amelie", "fargo", "alien"]

    def test_a_share_can_come_from_the_users_favorite_categories(self, world):
        did("dan", "view", "lebowski", hours_ago=1)
        context = world.context("dan", options={"per_category": 0.5})

        found = retrieve("trending", context, 2)

        assert world.names(found.item_ids) == ["amelie", "lebowski"]

    def test_a_favorite_category_that_is_empty_leaves_its_places_to_the_others(self, world):
        did("dan", "view", "notebook", hours_ago=1)
        context = world.context("dan", options={"per_category": 1.0})

        found = retrieve("trending", context, 3)

        assert world.names(found.item_ids) == ["amelie", "fargo", "alien"]

    def test_without_valkey_it_serves_what_the_process_last_saw(self, world, monkeypatch):
        context = world.context("ann")
        before = retrieve("trending", context, 3)

        def away(self: GuardedRedis, *args: object, **options: object) -> None:
            raise CacheUnavailable("away")

        monkeypatch.setattr(GuardedRedis, "pipeline", away)

        assert retrieve("trending", context, 3).item_ids.tolist() == before.item_ids.tolist()


class TestSocial:
    def test_it_finds_what_friends_did_within_a_day(self, world):
        found = retrieve("social", world.context("ann"))

        # Ben shared amelie (5); ben and cat viewed alien (1 + 1, with the bonus of two); cat's like of
        # lebowski is 30 hours old.
        assert world.names(found.item_ids) == ["amelie", "alien"]
        assert found.scores.tolist() == pytest.approx([5, 2 * (1 + log(2))])

    def test_the_seed_is_the_friend_who_said_most(self, world):
        did("cat", "like", "alien", hours_ago=1)

        found = retrieve("social", world.context("ann"))

        friend_of = dict(zip(world.names(found.item_ids), found.seeds.tolist(), strict=True))
        assert friend_of == {"amelie": world.users["ben"], "alien": world.users["cat"]}

    def test_the_window_can_be_widened(self, world):
        context = world.context("ann", options={"window_s": 48 * 3600})

        assert "lebowski" in world.names(retrieve("social", context).item_ids)

    def test_one_friend_who_comes_back_again_and_again_counts_once(self, world):
        for hours in (4, 5, 6):
            did("ben", "view", "runner", hours_ago=hours)

        found = retrieve("social", world.context("ann"))

        scores = dict(zip(world.names(found.item_ids), found.scores.tolist(), strict=True))
        assert scores["runner"] == 1.0

    def test_what_a_friend_disliked_is_no_recommendation_whatever_else_he_did(self, world):
        did("ben", "view", "heat", hours_ago=3)
        did("ben", "dislike", "heat", hours_ago=2)
        did("ben", "view", "heat", hours_ago=1)

        assert "heat" not in world.names(retrieve("social", world.context("ann")).item_ids)

    def test_the_dislike_of_one_friend_leaves_the_like_of_another(self, world):
        did("ben", "dislike", "heat", hours_ago=2)
        did("cat", "view", "heat", hours_ago=1)

        assert "heat" in world.names(retrieve("social", world.context("ann")).item_ids)

    def test_each_friend_brings_at_most_the_newest_fifty(self, world):
        ben = User.objects.get(external_id="ben")
        for number in range(50):
            Item.objects.create(external_id=f"n{number}", created_at=NOW, updated_at=NOW)
            did("ben", "view", f"n{number}", hours_ago=0.5)

        found = retrieve("social", world.context("ann", friends=np.array([ben.pk])), 100)

        assert len(found) == 50
        assert world.items["amelie"] not in found.item_ids.tolist()

    def test_it_does_not_apply_to_who_follows_nobody(self, world):
        assert not all_sources()["social"].applies_to(world.context("dan"))


class TestExplore:
    def test_a_small_catalogue_is_given_whole_and_without_the_inactive(self, world):
        found = retrieve("explore", world.context("dan"), 50)

        assert sorted(world.names(found.item_ids)) == sorted(set(world.items) - {"lost"})

    def test_users_and_days_get_different_orders(self, world):
        orders = {
            tuple(retrieve("explore", world.context("dan", seed=seed, now=now), 50).item_ids.tolist())
            for seed, now in ((1, NOW), (2, NOW), (1, NOW.replace(day=16)))
        }

        assert len(orders) == 3

    def test_in_a_large_catalogue_every_item_has_its_chance(self, world, monkeypatch):
        monkeypatch.setattr("retrieval.drawing.SMALL", 400)
        items = [
            Item(external_id=f"i{number}", created_at=NOW, updated_at=NOW, active=number % 10 > 0)
            for number in range(1000)
        ]
        Item.objects.bulk_create(items)

        samples = [
            set(retrieve("explore", world.context("dan", seed=seed), 50).item_ids.tolist())
            for seed in range(200)
        ]

        assert {len(sample) for sample in samples} == {50}
        # 907 active items, each in a sample of 50 with 5.5 %: in 200 samples, 1 in 80,000 is never seen.
        assert len(set.union(*samples)) >= 905
        assert not set.union(*samples) & {item.pk for item in items if not item.active}


def test_an_hour_costs_trending_a_sixth_of_its_logarithm(world):
    first, second = retrieve("trending", world.context("dan"), 2).scores.tolist()

    assert first / second == pytest.approx(5 / 3 * exp(-2 / 6))

"""What a score is made of, and other half-lives, on the movie world."""

from datetime import timedelta
from math import exp

import numpy as np
import pytest

from retrieval import trending
from retrieval.config import config
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db
HOUR_S = 3_600


def test_the_parts_add_up_to_the_live_score():
    world = movie_world()
    trending.rebuild(NOW)
    standing, found = trending.standing(), trending.top(10)
    tau_s = config().trending_time_constant_s

    parts = trending.parts_of(found.item_ids, NOW, time_constant_s=tau_s)

    worth = dict(zip(found.item_ids.tolist(), standing.worth(found.scores, NOW).tolist(), strict=True))
    assert {item: sum(part.worth for part in some) for item, some in parts.items()} == pytest.approx(worth)
    (alien,) = parts[world.items["alien"]]
    assert (alien.type, alien.weight, alien.events) == ("view", 1.0, 2)
    assert alien.worth == pytest.approx(exp(-HOUR_S / tau_s) + exp(-2 * HOUR_S / tau_s))
    assert alien.newest_at == NOW - timedelta(hours=1)


def test_another_half_life_gives_another_order():
    """A like of 30 hours ago, weight 3, against two views of the last two hours."""
    world = movie_world()

    fast = trending.hottest(10, NOW, time_constant_s=2 * HOUR_S)
    slow = trending.hottest(10, NOW, time_constant_s=1000 * HOUR_S)

    # A share is worth 5, likes 3, a click 2, the two views of alien together 2 and a little newer.
    assert world.names(slow.found.item_ids) == ["amelie", "fargo", "lebowski", "alien", "heat"]
    assert world.names(fast.found.item_ids) == ["fargo", "amelie", "alien", "heat", "lebowski"]
    assert fast.found.scores[0] == pytest.approx(3 * exp(-0.5))
    assert (fast.events, fast.since) == (6, NOW - timedelta(hours=30))
    assert fast.left_unread(NOW, 2 * HOUR_S) == 0


def test_categories_tags_and_the_future_are_told_apart():
    world = movie_world()
    tau_s = 6 * HOUR_S

    crime = trending.hottest(10, NOW, time_constant_s=tau_s, category="crime")
    funny = trending.hottest(10, NOW, time_constant_s=tau_s, tag="funny")
    before = trending.hottest(10, NOW - timedelta(hours=10), time_constant_s=tau_s)

    assert world.names(crime.found.item_ids) == ["fargo", "heat"]
    assert world.names(funny.found.item_ids) == ["amelie", "fargo", "lebowski"]
    assert world.names(before.found.item_ids) == ["lebowski"]


def test_what_was_not_read_is_told_by_what_it_is_still_worth(monkeypatch: pytest.MonkeyPatch):
    world = movie_world()
    monkeypatch.setattr("retrieval.trending.dissecting.EVENTS_READ", 2)

    cut = trending.hottest(10, NOW, time_constant_s=HOUR_S)

    assert set(world.names(cut.found.item_ids)) == {"fargo", "alien"}
    assert cut.left_unread(NOW, HOUR_S) == pytest.approx(exp(-1))


def test_without_events_nothing_is_hot_and_nothing_stands():
    assert len(trending.hottest(10, NOW, time_constant_s=HOUR_S).found) == 0
    assert trending.hottest(10, NOW, time_constant_s=HOUR_S).since is None
    assert trending.standing().rebuilt_at is None
    assert trending.usual_of(np.array([1])) is None

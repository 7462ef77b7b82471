import pytest

from retrieval import trending
from retrieval.source import all_sources
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db


def test_what_is_new_to_be_liked_rises_above_what_always_was():
    """alien is viewed every hour for two days, runner five times within the last one."""
    world = movie_world()
    for hour in range(48):
        did("cat", "view", "alien", hours_ago=hour + 0.5)
    for tenth in range(5):
        did("dan", "view", "runner", hours_ago=0.1 * (tenth + 1))
    trending.rebuild(NOW)

    found = all_sources()["rising"].retrieve(world.context("ann"), 10)
    rising = dict(zip(world.names(found.item_ids), found.scores.tolist(), strict=True))
    hot = world.names(trending.top(10).item_ids)

    assert hot.index("alien") < hot.index("runner")
    assert rising["runner"] > rising["alien"]
    # Almost five now, of which an eighth is usual: more than three deviations.
    assert rising["runner"] == pytest.approx(3.3, abs=0.2)


def test_what_comes_after_the_rebuild_rises_at_once():
    world = movie_world()
    trending.rebuild(NOW)
    before = trending.rising(10, NOW)

    trending.add_events([did("dan", "share", "notebook", hours_ago=0)], now=NOW)
    after = trending.rising(10, NOW)

    assert "notebook" not in world.names(before.item_ids)
    assert world.names(after.item_ids)[0] == "notebook"


def test_before_the_first_rebuild_nothing_is_known_to_rise():
    world = movie_world()
    trending.add_events([did("dan", "share", "notebook", hours_ago=0)], now=NOW)

    assert len(trending.rising(10, NOW)) == 0
    assert world.items

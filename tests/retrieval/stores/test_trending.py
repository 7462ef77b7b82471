import json
from datetime import timedelta
from math import exp

import numpy as np
import pytest

from catalog.models import Interaction, Item
from retrieval import toplists, trending
from retrieval.trending import adding, keys
from retrieval.valkey import client
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db
SIX_HOURS = 6.0  # the time constant


def scores(world, found):
    return dict(zip(world.names(found.item_ids), found.scores.tolist(), strict=True))


def test_a_rebuild_weighs_each_event_by_type_and_age():
    world = movie_world()

    assert trending.rebuild(NOW) == 5

    # The newest event is one hour old, so all ages count from there.
    found = trending.top(10)
    assert scores(world, found) == pytest.approx(
        {
            "amelie": 5 * exp(-2 / SIX_HOURS),  # a share 3 h ago
            "fargo": 3.0,  # a like 1 h ago
            "alien": 1 + exp(-1 / SIX_HOURS),  # views 1 h and 2 h ago
            "heat": 2 * exp(-1 / SIX_HOURS),  # a click 2 h ago
            "lebowski": 3 * exp(-29 / SIX_HOURS),  # a like 30 h ago
        }
    )
    assert world.names(found.item_ids)[0] == "amelie"


def test_each_category_has_its_own_order():
    world = movie_world()
    trending.rebuild(NOW)

    crime, romance, unknown = trending.top_of_categories(["crime", "romance", "opera"], 5)

    assert world.names(crime.item_ids) == ["fargo", "heat"]
    assert world.names(romance.item_ids) == ["amelie"]
    assert len(unknown) == 0


def test_an_event_moves_its_item_by_what_a_rebuild_would_give_it():
    world = movie_world()
    trending.rebuild(NOW)

    trending.add_events([did("dan", "like", "runner", hours_ago=0.5)], now=NOW)
    moved = scores(world, trending.top(10))
    trending.rebuild(NOW)
    rebuilt = scores(world, trending.top(10))

    assert moved["runner"] == pytest.approx(3 * exp(0.5 / SIX_HOURS))
    # The rebuild counts from the newest event, which is now half an hour younger.
    ratio = exp(0.5 / SIX_HOURS)
    assert {name: score * ratio for name, score in rebuilt.items()} == pytest.approx(moved)


def test_a_batch_is_worth_the_sum_of_its_events():
    world = movie_world()
    trending.rebuild(NOW)
    before = scores(world, trending.top(10))["heat"]

    events = [did("dan", "view", "heat", hours_ago=hours) for hours in (1, 7, 13)]
    trending.add_events(events, now=NOW)

    added = scores(world, trending.top(10))["heat"] - before
    assert added == pytest.approx(1 + exp(-1) + exp(-2))


@pytest.mark.parametrize("items_per_script", [500, 2])
def test_a_batch_moves_whole_categories_as_a_rebuild_would(monkeypatch, items_per_script):
    monkeypatch.setattr(adding, "_ITEMS_PER_SCRIPT", items_per_script)
    world = movie_world()
    trending.rebuild(NOW)
    everything = ["heat", "alien", "notebook", "fargo", "runner", "amelie", "heat", "lebowski"]
    categories = ["crime", "romance", "space", "comedy"]

    def standing():
        found = [trending.top(10), *trending.top_of_categories(categories, 5)]
        return [scores(world, one) for one in found]

    # The newest event is an hour old, as before: a rebuild counts from the same moment.
    trending.add_events([did("dan", "click", film, hours_ago=4) for film in everything], now=NOW)
    moved = standing()
    trending.rebuild(NOW)

    assert moved == [pytest.approx(rebuilt) for rebuilt in standing()]
    assert len(moved[1]) == len(moved[2]) == len(moved[3]) == 2


def test_dislikes_future_events_and_rejected_ones_move_nothing():
    world = movie_world()
    trending.rebuild(NOW)
    before = scores(world, trending.top(10))

    trending.add_events(
        [
            did("dan", "hide", "notebook", hours_ago=1),
            did("dan", "like", "notebook", hours_ago=-1),
            did("nobody", "like", "notebook", hours_ago=1),
        ],
        now=NOW,
    )

    assert scores(world, trending.top(10)) == before


def test_a_rebuild_uses_nothing_from_the_future_and_no_inactive_item():
    world = movie_world()
    did("dan", "like", "notebook", hours_ago=-1)
    did("dan", "like", "lost", hours_ago=1)

    trending.rebuild(NOW)

    assert {"notebook", "lost"}.isdisjoint(scores(world, trending.top(10)))


def test_an_old_data_set_still_trends():
    world = movie_world()

    trending.rebuild(NOW + timedelta(days=3000))

    assert world.names(trending.top(1).item_ids) == ["amelie"]


def test_items_far_older_than_the_window_are_found_by_doubling_it():
    world = movie_world()
    did("dan", "like", "notebook", hours_ago=24 * 2000)

    trending.rebuild(NOW)

    assert world.names(trending.top(10).item_ids)[-1] == "notebook"


def test_events_that_all_bear_one_time_still_trend():
    world = movie_world()
    Interaction.objects.all().delete()
    did("dan", "like", "runner", hours_ago=1)
    did("dan", "view", "heat", hours_ago=1)

    assert trending.rebuild(NOW) == 2
    assert world.names(trending.top(10).item_ids) == ["runner", "heat"]


def test_an_event_that_arrives_during_a_rebuild_is_neither_lost_nor_counted_twice():
    """The journal holds one event that the snapshot saw and one that it didn't."""
    world = movie_world()
    seen = did("dan", "view", "runner", hours_ago=1)
    client().rpush(keys.journal_key(), "")
    trending.add_events([seen], now=NOW)
    hour_ago = (NOW - timedelta(hours=1)).timestamp()
    moving = {"item": [world.items["notebook"], world.items["runner"]], "category": ["romance", "scifi"]}
    moving |= {"amount": [5, 3]}
    events = {"count": [1, 2], "id": ["new", "newer", seen.event_id], "t": [hour_ago] * 3}
    events |= {"weight": [5, 2, 1]}
    client().rpush(keys.journal_key(), json.dumps(moving), json.dumps(events))

    trending.rebuild(NOW)

    found = scores(world, trending.top(10))
    assert found["runner"] == pytest.approx(3.0)
    assert found["notebook"] == pytest.approx(5.0)
    assert world.names(trending.top_of_categories(["romance"], 1)[0].item_ids) == ["notebook"]
    assert not client().exists(keys.journal_key())


def test_a_rebuild_forgets_categories_that_no_longer_trend():
    world = movie_world()
    trending.rebuild(NOW)
    Item.objects.filter(external_id="alien").update(category="classics")

    trending.rebuild(NOW)

    space, classics = trending.top_of_categories(["space", "classics"], 5)
    assert (len(space), world.names(classics.item_ids)) == (0, ["alien"])
    leftovers = list(client().scan_iter(f"*{keys.staging_prefix()}*"))
    assert leftovers == []


def test_after_losing_its_data_it_serves_new_events_then_the_most_popular():
    world = movie_world()
    toplists.rebuild(NOW)

    trending.add_events([did("dan", "view", "notebook", hours_ago=1)], now=NOW)

    names = world.names(trending.top(10).item_ids)
    assert names[0] == "notebook"
    assert sorted(names) == ["alien", "amelie", "fargo", "heat", "lebowski", "notebook", "runner"]


def test_the_floor_is_what_this_process_last_saw():
    world = movie_world()
    trending.rebuild(NOW)
    trending.top(1)
    client().delete(keys.all_key())

    assert world.names(trending.floor(2).item_ids) == ["amelie", "fargo"]


def test_the_floor_of_a_process_that_saw_nothing_is_the_catalogues_top_list():
    world = movie_world()
    assert len(trending.floor(3)) == 0
    toplists.rebuild(NOW)

    assert len(trending.floor(3)) == 3
    assert np.isin(trending.floor(3).item_ids, list(world.items.values())).all()


def test_asking_for_none_gives_none():
    movie_world()
    trending.rebuild(NOW)

    assert len(trending.top(0)) == 0
    assert [len(found) for found in trending.top_of_categories(["crime"], 0)] == [0]


def test_with_no_events_nothing_trends():
    assert trending.rebuild(NOW) == 0
    assert len(trending.top(5)) == 0

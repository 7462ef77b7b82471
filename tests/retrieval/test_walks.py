import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from retrieval.graph import Graph
from retrieval.walks import Walks, shares, walk

# Two bowls of four items each, and one person (the last) who knows both.
BOWLS = np.array(
    [
        [1, 1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 1, 1, 1],
        [0, 0, 0, 1, 1, 0, 0, 0],
    ],
    np.float32,
)


def graph(groups: np.ndarray = BOWLS) -> Graph:
    return Graph.of(np.arange(groups.shape[1], dtype=np.int64) * 10, csr_array(groups))


def walked(*starts: int, of: Graph | None = None, **settings: float):
    weights = np.ones(len(starts))
    return walk(
        of or graph(), np.array(starts, np.int64), weights, np.random.default_rng(0), Walks(**settings)
    )


def score_of(visited, item: int) -> float:
    return float(visited.scores[visited.places == item].sum())


def test_what_is_in_the_same_bowl_is_visited_most():
    visited = walked(0)

    assert min(score_of(visited, item) for item in (1, 2)) > max(
        score_of(visited, item) for item in (4, 5, 6, 7)
    )


def test_a_walk_reaches_what_no_start_shares_a_group_with():
    assert score_of(walked(0, restart=0.2), 7) > 0


def test_who_goes_home_at_every_step_sees_only_what_is_near():
    assert set(walked(0, restart=1.0).places.tolist()) <= {0, 1, 2, 3}


def test_reached_from_both_counts_for_more_than_as_often_from_one():
    """Item 1 is one step from each start, as often as item 3 is, which only one of them leads to."""
    groups = np.array([[1, 1, 0, 1, 1], [0, 1, 1, 0, 0]], np.float32)
    both = walked(0, 2, of=graph(groups), restart=1.0, walkers=4_000, steps=40_000)

    # From 0 a quarter of its walkers come to 1, from 2 a half: (√a + √b)² is more than a + b.
    assert score_of(both, 1) > 1.5 * score_of(both, 2)


def test_each_item_names_the_start_that_led_there_most():
    visited = walked(0, 7)

    leaders = dict(zip(visited.places.tolist(), visited.starts.tolist(), strict=True))
    assert [leaders[item] for item in (1, 2, 5, 6)] == [0, 0, 1, 1]


def test_it_stops_where_enough_was_visited_often_enough():
    settings = {"walkers": 100, "steps": 5_000, "look_every": 5}

    assert walked(0, **settings, enough_items=3, enough_visits=10).rounds == 5
    assert walked(0, **settings, enough_items=9, enough_visits=10).rounds == 50


def test_all_steps_are_counted():
    visited = walked(0, restart=1.0, walkers=1_000, steps=10_000)

    # Of one start the square of the root is the number of visits itself.
    assert visited.scores.sum() == pytest.approx(10_000)


def test_walkers_go_where_there_is_more_to_see_but_less_than_in_proportion():
    groups = np.zeros((100, 2), np.float32)
    groups[:, 0] = 1
    groups[0, 1] = 1

    many, few = shares(graph(groups), np.array([0, 1]), np.ones(2), 1_000)

    assert few < many < 100 * few
    assert shares(graph(groups), np.array([0, 1]), np.array([1.0, 1000.0]), 1_000)[1] > many / 2


def test_nobody_starts_from_nothing():
    assert len(walked().places) == 0


def test_a_graph_comes_back_as_it_was():
    again = Graph.unpacked(graph().packed())

    assert again.item_ids.tolist() == graph().item_ids.tolist()
    assert again.item_groups.tolist() == graph().item_groups.tolist()
    assert again.group_items.tolist() == graph().group_items.tolist()


@given(
    pairs=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1),
    restart=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_a_walk_never_leaves_what_is_connected(pairs, restart, seed):
    groups = np.zeros((6, 8), np.float32)
    for group, item in pairs:
        groups[group, item] = 1
    start = min(item for _, item in pairs)
    reachable, grown = np.zeros(8, bool), np.eye(8, dtype=bool)[start]
    while (reachable != grown).any():
        reachable = grown
        grown = reachable | (groups[(groups[:, reachable] > 0).any(axis=1)] > 0).any(axis=0)

    settings = Walks(steps=500, walkers=50, restart=restart)
    visited = walk(graph(groups), np.array([start]), np.ones(1), np.random.default_rng(seed), settings)

    assert reachable[visited.places].all()
    assert len(visited.places) > 0
    assert (visited.scores > 0).all()

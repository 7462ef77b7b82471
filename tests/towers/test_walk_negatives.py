"""Hard negatives by their rank in a walk: near the target, but not what it is liked together with."""

import numpy as np
import pytest
import torch

from retrieval.towers.batches import Batch
from retrieval.towers.config import InvalidTowerConfig, NegativeShares, TowerConfig
from retrieval.towers.fitting import roles
from retrieval.towers.negatives import ByWalk, Competing, Pairs, Sampler
from retrieval.towers.neighbors import Visited
from tests.towers.worlds import two_islands

N = 100
NONE = np.empty(0, np.int64)
RNG = np.random.default_rng


def by_walk(liked: list[tuple[int, int]]) -> ByWalk:
    """Walks from item i meet i + 10, i + 11 and i + 12 at the ranks that count; those from item 99 meet nothing."""
    items = (np.arange(N)[:, None] + np.array([10, 11, 12])) % N
    items[99] = -1
    return ByWalk(items.astype(np.int32), np.sort([user * N + item for user, item in liked]).astype(np.int64))


def drawn(source: ByWalk, *targets: tuple[int, int]) -> set[tuple[int, int]]:
    """(row, item) of 200 draws for users 5 and 6, in rows 0 and 1, by targets (row, item)."""
    rows, items = np.array(targets).T
    pairs = source.draw(np.array([5, 6]), rows, items, 200, RNG(0))
    return set(zip(pairs.rows.tolist(), pairs.items.tolist(), strict=True))


def test_each_is_drawn_for_the_user_of_the_target_it_is_near_to():
    assert drawn(by_walk([]), (0, 1), (1, 50)) == {(0, 11), (0, 12), (0, 13), (1, 60), (1, 61), (1, 62)}


def test_what_the_user_likes_is_no_negative_of_hers():
    assert drawn(by_walk([(5, 12)]), (0, 1), (1, 1)) == {(0, 11), (0, 13), (1, 11), (1, 12), (1, 13)}


def test_a_target_whose_walks_meet_nothing_there_has_none():
    assert drawn(by_walk([]), (0, 99)) == set()


def test_only_the_ranks_that_are_asked_for_count():
    visited = Visited(np.arange(40 * 8, dtype=np.int32).reshape(40, 8), np.ones((40, 8), np.float32))

    found = ByWalk.of(visited, two_islands(), TowerConfig(walk_first_rank=3, walk_last_rank=5))

    assert found.items[0].tolist() == [2, 3, 4]


def test_the_first_pass_has_none_and_later_ones_ever_more():
    sampler = Sampler(np.ones(N, np.int64), negatives=20, shares=NegativeShares(uniform=1, walk=1))

    assert [sampler.wants_by_walk(number, 5) for number in range(7)] == [0, 2, 4, 6, 8, 10, 10]


def test_where_the_whole_catalogue_competes_nothing_is_drawn():
    sampler = Sampler(np.ones(N, np.int64), negatives=N, shares=NegativeShares(walk=1))

    assert sampler.wants_by_walk(9, 5) == 0


def test_what_only_a_walk_brought_is_marked_and_what_was_drawn_anyway_is_not():
    sampler = Sampler(np.ones(N, np.int64), negatives=1, shares=NegativeShares(uniform=0, hard=1))

    competing = sampler.draw(
        np.array([3]), hard=np.array([8]), shown=NONE, by_walk=np.array([3, 40]), rng=RNG(0)
    )

    assert competing.items.tolist() == [3, 8, 40]
    assert competing.by_walk.tolist() == [False, False, True]
    assert competing.log_q[2] == 0


def test_nobody_else_competes_with_what_a_walk_brought():
    """Of two users who read item 0 and want item 1, the second alone was led to item 2; item 3 is everybody's."""
    competing = Competing(np.arange(4), np.zeros(4, np.float32), np.array([False, False, True, False]))
    both, none = np.array([0, 1]), np.empty(0, np.int64)
    batch = Batch(
        users=both,
        moment_s=both,
        read_row=both,
        read_item=np.zeros(2, np.int64),
        read_share=np.ones(2, np.float32),
        target_row=both,
        target_item=np.ones(2, np.int64),
        target_weight=np.ones(2, np.float32),
        refused_row=none,
        refused_item=none,
        refused_weight=np.empty(0, np.float32),
        shown_item=none,
        rng=RNG(0),
    )

    targets, excluded = roles(batch, competing, Pairs(np.array([1]), np.array([2])), torch.zeros(2, 4))

    assert targets.tolist() == [[0, 1, 0, 0], [0, 1, 0, 0]]
    assert excluded.tolist() == [[True, False, True, False], [True, False, False, False]]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (6, 5)])
def test_ranks_that_are_none_are_refused(first, last):
    with pytest.raises(InvalidTowerConfig, match="walk_first_rank"):
        TowerConfig(walk_first_rank=first, walk_last_rank=last)

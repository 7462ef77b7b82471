"""Two mixes as one: by maturity, place by place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.merging import Order, blend
from retrieval.types import Found

NOBODY = np.empty(0, np.int64)


def found(*items: int) -> Found:
    ids = np.array(items, np.int64)
    return Found(ids, np.linspace(1, 0.1, len(ids)).astype(np.float32), np.zeros(len(ids), np.int64))


def order(name: str) -> Order:
    return Order.even("quotas", [name])


def blended(share: float, old: Found, new: Found) -> list[int]:
    orders = [(order("old"), share), (order("new"), 1 - share)]
    return blend({"old": old, "new": new}, orders, known=NOBODY).item_ids.tolist()


def test_at_a_quarter_one_place_in_four_is_the_normal_mixs():
    places = blended(0.25, found(*range(1, 9)), found(*range(101, 109)))[:8]

    assert [item < 100 for item in places].count(True) == 2
    assert [item for item in places if item < 100] == [1, 2]
    assert [item for item in places if item > 100] == [101, 102, 103, 104, 105, 106]


def test_what_both_propose_stands_once_where_the_better_place_is():
    assert blended(0.5, found(1, 2, 3), found(3, 9)) == [1, 3, 2, 9]


def test_of_a_mix_that_found_nothing_the_other_fills_the_places():
    assert blended(0.5, found(), found(3, 9)) == [3, 9]
    assert blended(0.5, found(), found()) == []


@given(st.floats(0.01, 0.98), st.permutations(range(30)), st.permutations(range(20, 50)))
def test_each_mix_has_its_share_of_the_first_places(share, old, new):
    places = blended(share, found(*old), found(*new))

    assert sorted(places) == sorted({*old, *new})
    for n in (5, 10, 20):
        first = set(places[:n])
        # An item that both have counts for both, so each has its share at least, but for rounding.
        assert len(first & set(old[:n])) >= np.floor(n * share)
        assert len(first & set(new[:n])) >= np.floor(n * (1 - share))


def test_both_keep_their_sources_ranks_and_scores():
    pool = blend(
        {"old": found(1, 2), "new": found(2)}, [(order("old"), 0.5), (order("new"), 0.5)], known=NOBODY
    )

    row = pool.item_ids.tolist().index(2)
    assert pool.ranks[row].tolist() == [2, 1]
    assert pool.scores.tolist() == pytest.approx(sorted(pool.scores.tolist(), reverse=True))

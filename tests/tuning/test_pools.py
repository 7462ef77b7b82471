import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.merging.orders import MERGES
from retrieval.tuning.gains import gain, recall_as_merged
from retrieval.tuning.pools import pools_of, variety
from retrieval.tuning.quotas import at_quotas
from retrieval.tuning.recording import as_deep_as
from retrieval.tuning.traits import csr_array
from tests.tuning.recordings import many, recorded

ITEMS = np.arange(1, 100)
# By rank alone.
GOOD, BAD = np.array([0.0, 0, 1, 0, 0, 0]), np.array([0.0, 0, 0, 0, 0, 1])


def recalls(pools, *weights, depths=(1, 2, 3)):
    return pools.recalls(np.array(weights), depths)


def test_recall_is_the_share_of_what_was_wanted_among_the_first():
    pools = pools_of([recorded([1, 2, 3], [4, 3, 2], wanted=[1, 3])], ITEMS)

    assert recalls(pools, GOOD, BAD).tolist() == [[[0.5, 0.5, 1.0]], [[0.0, 0.5, 0.5]]]


def test_what_no_source_proposed_counts_as_not_found():
    pools = pools_of([recorded([1], [2], wanted=[1, 77])], ITEMS)

    assert recalls(pools, GOOD, depths=(5,)).tolist() == [[[0.5]]]


def test_what_the_user_knows_is_in_nobodys_way():
    pools = pools_of([recorded([9, 8, 1], [2], wanted=[1], known=(8, 9))], ITEMS)

    assert recalls(pools, np.array([0.0, 0, 1, 0, 0, 0]), depths=(1,)).tolist() == [[[1.0]]]


def test_to_tell_nothing_apart_gains_nothing():
    pools = pools_of([recorded([1, 2, 3], [4], wanted=[1])], ITEMS)

    assert recalls(pools, np.zeros(6), depths=(1, 3, 4)).tolist() == [[[0.0, 0.0, 1.0]]]


def test_requests_of_different_lengths_do_not_touch_each_other():
    long, short = recorded(list(range(1, 40)), [50], wanted=[39]), recorded([1], [2], wanted=[2])
    pools = pools_of([long, short], ITEMS)

    # The short pool's empty places are behind its candidates, even where all of these score below 0.
    assert recalls(pools, -GOOD - BAD, depths=(1,))[0].tolist() == [[1.0], [0.0]]
    assert recalls(pools, -GOOD - BAD, depths=(2,))[0].tolist() == [[1.0], [1.0]]


def test_some_requests_are_what_they_were_among_all():
    pools = pools_of(many(6), ITEMS)
    rows = np.array([1, 4])

    assert recalls(pools.take(rows), GOOD, BAD).tolist() == recalls(pools, GOOD, BAD)[:, rows].tolist()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-3, 3).map(lambda weight: round(weight, 3)), min_size=2, max_size=2),
    st.integers(0, 100),
)
def test_the_block_ranks_as_the_merge_does(weights, number):
    one = many(number + 1)[number]
    one = recorded(
        one.item_ids[one.given.ranks[:, 0] > 0].tolist(),
        one.item_ids[np.argsort(one.given.ranks[:, 1])][-60:].tolist(),
        wanted=[3, 5, 8],
        weights=(weights[0], weights[1]),
    )
    vector = np.array([0, weights[0], 0, 0, weights[1], 0])
    scores = MERGES["calibrated"](one.given)
    apart = len(np.unique(scores.round(9))) == len(scores)

    in_block = recalls(pools_of([one], ITEMS), vector, depths=(5, 20)).mean()

    # Of equal scores the block puts what is wanted last.
    assert in_block == pytest.approx(recall_as_merged(one, "calibrated", (5, 20))) or not apart
    assert in_block <= recall_as_merged(one, "calibrated", (5, 20)) + 1e-9 or apart


def test_a_source_asked_for_fewer_has_proposed_the_first_of_them():
    one = as_deep_as(recorded([1, 2, 3], [4, 3], wanted=[3]), np.array([2, 1]))

    assert one.item_ids.tolist() == [1, 2, 4]
    assert one.given.ranks.tolist() == [[1, 0], [2, 0], [0, 1]]


def test_quotas_are_scaled_as_a_request_scales_them():
    one = recorded(list(range(1, 60)), list(range(60, 90)), wanted=[1], seen=3)

    shallow = at_quotas(one, np.array([10, 5]), k=1000, overfetch=1.5)

    # Ten and a half more, and three on top; five and a half more, rounded up, and three.
    assert (shallow.given.ranks > 0).sum(axis=0).tolist() == [18, 11]


def test_variety_is_that_of_the_first_hundred():
    pools = pools_of([recorded([1, 2], [3], wanted=[1]), recorded([1, 2], [3], wanted=[1])], np.arange(1, 11))
    alike = csr_array(np.ones((10, 1), np.float32))

    coverage, diversity = variety(pools, GOOD, alike)

    assert coverage == pytest.approx(0.3)
    assert diversity == pytest.approx(0.0)


def test_a_gain_is_the_difference_of_paired_requests_with_its_interval_over_users():
    present, tuned = np.zeros(40), np.full(40, 0.5)

    certain = gain(present, tuned, np.arange(40))
    one_user = gain(present, np.arange(40) / 40, np.zeros(40, np.int64))

    assert (certain.value, certain.low, certain.high) == (0.5, 0.5, 0.5)
    assert one_user.low == one_user.high == pytest.approx(one_user.value)
    assert str(certain) == "0.0000 to 0.5000, +0.5000 (+0.5000 to +0.5000), n 40"

"""Three users and four items, as in a first look at a report."""

import numpy as np
from scipy.sparse import csr_array

from retrieval.evaluation import metrics, slices
from retrieval.evaluation.slices import Buckets, Share

SIZES = Buckets("size", ("small", "large"), (10,))


def test_a_value_on_an_edge_belongs_to_what_begins_there():
    assert SIZES.of(np.array([0, 9, 10, 11])).tolist() == [0, 0, 1, 1]


def test_an_item_that_was_not_there_is_in_a_part_of_its_own():
    assert [slices.ITEM_AGE.labels[i] for i in slices.ITEM_AGE.of(np.array([-1, 0, 86_400]))] == [
        "not there yet",
        "under 1 day",
        "1-7 days",
    ]


def test_each_part_has_the_mean_of_its_users():
    found = slices.means(np.array([1.0, 0.0, 0.5]), np.array([0, 0, 1]), SIZES)

    assert found == [Share("small", 0.5, 2), Share("large", 0.5, 1)]


def test_a_part_without_users_is_left_out():
    assert slices.means(np.array([1.0]), np.array([1]), SIZES) == [Share("large", 1.0, 1)]


def test_what_is_found_of_large_items_counts_pairs():
    # Items 0 and 1 are small, 2 and 3 large. Of three large ones that were to be found one is in the first two places.
    ranking = np.array([[0, 2, 3], [1, 0, 3]], np.int32)
    truth = csr_array(np.array([[1, 0, 1, 1], [0, 0, 0, 1]]))

    found = slices.found_items(
        ranking, metrics.judge(ranking, truth), truth, 2, bucket=np.array([0, 0, 1, 1]), buckets=SIZES
    )

    assert found == [Share("small", 1.0, 1), Share("large", 1 / 3, 3)]

"""Three users and six items; every figure can be found by hand.

user  to be found  ranked         hits
0     1, 2         1 0 2          x . x
1     5            0 1 2          . . .
2     3, 4, 5      4 (ends here)  x
"""

import numpy as np
import pytest
from scipy.sparse import csr_array

from retrieval.evaluation import metrics

RANKING = np.array([[1, 0, 2], [0, 1, 2], [4, -1, -1]], np.int32)
TRUTH = csr_array(np.array([[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 1, 1]]))
JUDGED = metrics.judge(RANKING, TRUTH)


def test_hits_are_what_was_to_be_found():
    assert JUDGED.hits.tolist() == [[True, False, True], [False] * 3, [True, False, False]]
    assert JUDGED.wanted.tolist() == [2, 1, 3]


def test_recall_divides_by_what_was_to_be_found():
    assert metrics.recall(JUDGED, 1).tolist() == [1 / 2, 0, 1 / 3]
    assert metrics.recall(JUDGED, 3).tolist() == [1, 0, 1 / 3]


def test_precision_divides_by_the_places_even_where_they_are_empty():
    assert metrics.precision(JUDGED, 3).tolist() == pytest.approx([2 / 3, 0, 1 / 3])


def test_hit_rate_asks_for_any():
    assert metrics.hit_rate(JUDGED, 1).tolist() == [1, 0, 1]


def test_mrr_looks_at_the_first_hit():
    second_place = metrics.judge(np.array([[0, 2, 1]], np.int32), TRUTH[[0]])

    assert metrics.mrr(second_place, 3).tolist() == [1 / 2]
    assert metrics.mrr(JUDGED, 3).tolist() == [1, 0, 1]


def test_ndcg_compares_with_the_best_possible_list():
    # User 0: (1 + 1/2) of (1 + 1/log2(3)); user 2: 1 of the gains of three places.
    best_of_two, best_of_three = 1 + 1 / np.log2(3), 1 + 1 / np.log2(3) + 1 / 2

    assert metrics.ndcg(JUDGED, 3).tolist() == pytest.approx([1.5 / best_of_two, 0, 1 / best_of_three])


def test_ndcg_of_the_best_possible_list_is_one_even_where_more_was_to_be_found_than_k():
    best = metrics.judge(np.array([[3, 4]], np.int32), TRUTH[[2]])

    assert metrics.ndcg(best, 2).tolist() == pytest.approx([1])


def test_a_k_beyond_the_depth_counts_the_missing_places():
    assert metrics.precision(JUDGED, 6).tolist() == pytest.approx([2 / 6, 0, 1 / 6])
    assert metrics.ndcg(JUDGED, 6).tolist() == pytest.approx(metrics.ndcg(JUDGED, 3).tolist())


def test_coverage_is_the_share_of_the_catalogue_that_anybody_is_shown():
    assert metrics.coverage(RANKING, 1, 6) == 3 / 6
    assert metrics.coverage(RANKING, 3, 6) == 4 / 6


def test_gini_is_zero_where_all_items_get_the_same():
    assert metrics.gini(np.array([[0, 1], [2, 3]], np.int32), 2, 4) == pytest.approx(0)


def test_gini_of_all_places_to_one_of_four_items_is_three_quarters():
    assert metrics.gini(np.array([[0], [0]], np.int32), 1, 4) == pytest.approx(3 / 4)


def test_mean_popularity_is_that_of_the_places_that_are_filled():
    popularity = np.array([0.5, 0.25, 0, 0, 1, 0])

    # First places: items 1, 0 and 4.
    assert metrics.mean_popularity(RANKING, 1, popularity) == pytest.approx((0.25 + 0.5 + 1) / 3)


def test_novelty_counts_bits():
    popularity = np.array([0.5, 0.25, 0, 0, 1, 0])

    # 2 bits, 1 bit and none.
    assert metrics.novelty(RANKING, 1, popularity, n_users=4) == pytest.approx(1)


def test_what_nobody_has_is_as_novel_as_half_a_user():
    assert metrics.novelty(np.array([[2]], np.int32), 1, np.zeros(6), n_users=4) == pytest.approx(3)


def test_a_list_of_items_that_are_all_alike_has_no_diversity():
    same = csr_array(np.ones((6, 1), np.float32))

    assert metrics.intra_list_diversity(RANKING, 3, same) == pytest.approx(0)


def test_diversity_is_what_two_items_of_a_list_do_not_share():
    # Items 0 and 1 are alike, 2 is something else: of three pairs, one is alike; user 2's single item has no pair.
    traits = csr_array(np.array([[1, 0], [1, 0], [0, 1], [0, 0], [0, 0], [0, 0]], np.float32))

    assert metrics.intra_list_diversity(RANKING, 3, traits) == pytest.approx(2 / 3)
    assert metrics.intra_list_diversity(RANKING, 2, traits) == pytest.approx(0)


def test_items_of_which_nothing_is_known_have_nothing_in_common():
    assert metrics.intra_list_diversity(RANKING, 3, csr_array((6, 2), dtype=np.float32)) == 1


def test_lists_of_one_item_have_no_diversity_to_measure():
    assert metrics.intra_list_diversity(RANKING, 1, csr_array(np.ones((6, 1), np.float32))) == 0


def test_the_interval_of_equal_values_is_a_point():
    assert metrics.interval(np.full(50, 0.25), seed=1) == (0.25, 0.25)


def test_the_interval_holds_the_mean_and_narrows_with_more_users():
    few, many = np.arange(10) / 10, np.tile(np.arange(10) / 10, 100)

    low, high = metrics.interval(few, seed=1)
    low_many, high_many = metrics.interval(many, seed=1)

    assert low < low_many < 0.45 < high_many < high


@pytest.mark.parametrize(
    ("ranking", "message"),
    [
        ([[1, 1], [0, 1], [2, 3]], "an item twice"),
        ([[1, 2]], "1 rankings for 3 users"),
    ],
)
def test_what_cannot_be_judged_is_refused(ranking, message):
    with pytest.raises(ValueError, match=message):
        metrics.judge(np.array(ranking, np.int32), TRUTH)


def test_a_user_with_nothing_to_find_is_refused():
    with pytest.raises(ValueError, match="something to find"):
        metrics.judge(np.array([[1]], np.int32), csr_array((1, 6)))

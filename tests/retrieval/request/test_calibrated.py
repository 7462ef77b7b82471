import numpy as np
import pytest

from retrieval.merging import Order, build_pool, features, merge, merge_input
from retrieval.types import Found, Pool
from tests.retrieval.request.found import found


def scored(**scores: float) -> Found:
    """Items named i1, i2, … with these scores, best first."""
    ids = np.array([int(name[1:]) for name in scores], np.int64)
    return Found(ids, np.array(list(scores.values()), np.float32), np.zeros(len(ids), np.int64))


def order(bias: float = 0.0, **coefficients: tuple[float, float, float]) -> Order:
    ones = dict.fromkeys(coefficients, 1.0)
    return Order("calibrated", ones, ones, coefficients, bias, 0)


def merged(sources: dict[str, Found], of: Order, known=()) -> Pool:
    return merge(sources, of, known=np.array(known, np.int64))


def test_the_score_is_a_probability_from_the_log_odds_of_each_source():
    pool = merged({"a": found(1), "b": found(1)}, order(bias=-2.0, a=(1.5, 0, 0), b=(0.5, 0, 0)))

    assert pool.scores.tolist() == pytest.approx([0.5])


def test_two_sources_that_agree_beat_one_that_is_sure():
    sources = {"a": scored(i1=9, i2=8, i3=0), "b": scored(i2=9, i4=8, i5=0)}

    assert merged(sources, order(a=(0, 1, 0), b=(0, 1, 0))).item_ids[0] == 2


def test_scores_of_different_sources_count_in_deviations_of_their_own_list():
    sources = {"small": scored(i1=0.2, i2=0.1, i3=0.0), "large": scored(i4=200, i5=100, i6=0)}

    pool = merged(sources, order(small=(0, 1, 0), large=(0, 1, 0)))

    assert pool.scores[:4].tolist() == pytest.approx([pool.scores[0]] * 2 + [pool.scores[2]] * 2)
    assert {1, 4} == set(pool.item_ids[:2].tolist())


def test_what_the_user_knows_already_does_not_push_the_new_down():
    of = order(a=(0, 0, 1))
    new = {"a": found(4, 5, 6)}
    behind_what_is_known = {"a": found(1, 2, 3, 4, 5, 6)}

    known = merged(behind_what_is_known, of, known=[1, 2, 3])

    scores = dict(zip(known.item_ids.tolist(), known.scores.tolist(), strict=True))
    fresh = merged(new, of)
    assert [scores[item] for item in fresh.item_ids.tolist()] == pytest.approx(fresh.scores.tolist())


def test_the_features_of_an_absent_item_are_nothing():
    pool = build_pool({"a": scored(i1=3, i2=1), "b": scored(i3=5)})

    of_pool = features(merge_input(pool, order(a=(0, 0, 0), b=(0, 0, 0)), np.empty(0, np.int64)))

    assert of_pool[0, 0].tolist() == pytest.approx([1, 2, np.log(3)])
    assert of_pool[1, 0].tolist() == pytest.approx([1, 0, np.log(3 / 2)])
    assert not of_pool[2, 0].any()
    assert of_pool[2, 1].tolist() == pytest.approx([1, 0, np.log(2)])


def test_the_last_place_of_a_list_is_worth_more_than_none():
    sources = {"a": found(1, 2), "b": scored(i3=1)}

    pool = merged(sources, order(a=(0, 0, 1), b=(0, 0, 0)))

    assert pool.item_ids.tolist() == [1, 2, 3]
    assert pool.scores[1] > pool.scores[2]

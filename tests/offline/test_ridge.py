import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from retrieval.offline.ridge import regularization_for, relate, strongest

# Ten people like bread and butter, ten like nails and hammers; everybody likes water.
BREAD, BUTTER, NAIL, HAMMER, WATER, DUST = range(6)
LIKED = csr_array(np.array([[1, 1, 0, 0, 1, 0]] * 10 + [[0, 0, 1, 1, 1, 0]] * 10, np.float32))
ALL = np.ones(6, np.bool_)


def weights(**settings) -> np.ndarray:
    return relate(LIKED, targets=settings.pop("targets", ALL), **settings).toarray()


def test_what_is_liked_together_tells_most_of_each_other():
    related = weights(regularization=1.0)

    assert related[BREAD].argmax() == BUTTER
    assert related[NAIL].argmax() == HAMMER
    assert related[BREAD, NAIL] == related[BREAD, HAMMER] == 0


def test_what_everybody_likes_tells_little():
    related = weights(regularization=1.0)

    assert related[WATER, BUTTER] < related[BREAD, BUTTER] / 10


def test_an_item_says_nothing_of_itself_and_one_that_nobody_likes_nothing_at_all():
    related = weights(regularization=1.0)

    assert not related.diagonal().any()
    assert not related[DUST].any()
    assert not related[:, DUST].any()


def test_only_wanted_items_are_related_to():
    only_butter = np.arange(6) == BUTTER

    assert set(np.flatnonzero(weights(regularization=1.0, targets=only_butter).any(axis=0))) == {BUTTER}


def test_with_all_neighbors_it_is_the_ridge_regression_of_each_column_on_the_others():
    rng = np.random.default_rng(5)
    liked = (rng.random((30, 8)) < 0.5).astype(np.float32)

    related = relate(csr_array(liked), targets=np.ones(8, np.bool_), regularization=2.0).toarray()

    others = np.delete(liked, 3, axis=1).astype(np.float64)
    exact = np.linalg.solve(others.T @ others + 2 * np.eye(7), others.T @ liked[:, 3])
    assert np.delete(related[:, 3], 3) == pytest.approx(exact, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), neighbors=st.integers(1, 6))
def test_nobody_has_more_neighbors_than_allowed(seed, neighbors):
    liked = csr_array((np.random.default_rng(seed).random((12, 9)) < 0.4).astype(np.float32))

    related = relate(liked, targets=np.ones(9, np.bool_), neighbors=neighbors, regularization=1.0)

    assert (np.count_nonzero(related.toarray(), axis=0) <= neighbors).all()


def test_the_strongest_are_those_of_largest_size_and_the_largest_comes_first():
    row = csr_array(np.array([[0.0, 0.1, -0.9, 0.5, 0.5]], np.float32))

    columns, values = strongest(row, 0, 3)

    assert columns.tolist() == [3, 4, 2]
    assert values.tolist() == pytest.approx([0.5, 0.5, -0.9])


def test_who_likes_more_needs_more_regularization():
    few, many = csr_array(np.eye(40, 400)), csr_array(np.ones((40, 400)))

    assert (regularization_for(few), regularization_for(many)) == (10, 1000)

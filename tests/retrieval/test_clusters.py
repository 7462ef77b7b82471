import numpy as np
import pytest

from retrieval.clusters import clustered

EAST, NORTH = [1.0, 0.0], [0.0, 1.0]
NORTH_EAST = [0.8, 0.6]


def vectors(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def ones(n: int) -> np.ndarray:
    return np.ones(n, np.float32)


def test_two_tastes_are_two_groups_and_the_heavier_comes_first():
    found = clustered(vectors(*[EAST] * 3, *[NORTH] * 5), ones(8), 2)

    assert found.medoids.tolist() == [3, 0]
    assert found.shares == pytest.approx([5 / 8, 3 / 8])


def test_weight_counts_not_number():
    found = clustered(vectors(*[EAST] * 3, *[NORTH] * 5), np.array([9, 9, 9, 1, 1, 1, 1, 1], np.float32), 2)

    assert found.medoids.tolist() == [0, 3]
    assert found.shares[0] == pytest.approx(27 / 32)


def test_the_medoid_is_the_one_in_the_middle():
    assert clustered(vectors(EAST, NORTH_EAST, NORTH), ones(3), 1).medoids.tolist() == [1]


def test_of_few_there_is_one_group_and_never_more_than_asked_for():
    assert len(clustered(vectors(EAST, NORTH, NORTH), ones(3), 5).medoids) == 1
    assert len(clustered(np.eye(40, dtype=np.float32), ones(40), 3).medoids) == 3


def test_the_same_vectors_give_the_same_groups():
    many = np.random.default_rng(0).standard_normal((60, 8)).astype(np.float32)

    first, second = (clustered(many, ones(60), 5) for _ in range(2))

    assert first.medoids.tolist() == second.medoids.tolist()

import numpy as np
import pytest

from retrieval.ann.exact import ExactIndex
from retrieval.offline import vectors_table

TABLE = "test_vectors"
TWO = np.array([[1, 0], [0, 1]], np.float32)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def table():
    vectors_table.create(TABLE, 2)
    vectors_table.copy_in(TABLE, np.array([1, 2]), TWO, TWO)


def test_loaded_rows_are_listed_in_order():
    assert vectors_table.item_ids(TABLE).tolist() == [1, 2]


def test_creating_again_starts_empty():
    vectors_table.create(TABLE, 2)

    assert vectors_table.item_ids(TABLE).tolist() == []


def test_an_upsert_replaces_and_adds():
    changed = np.array([[0, -1], [-1, 0]], np.float32)

    vectors_table.upsert(TABLE, np.array([2, 3]), changed, changed)

    ids, vectors = ExactIndex(TABLE).item_vectors(np.array([1, 2, 3]), deadline=None)
    assert ids.tolist() == [1, 2, 3]
    assert vectors.tolist() == [[1, 0], [0, -1], [-1, 0]]


def test_removing_says_how_many_were_there():
    assert vectors_table.remove(TABLE, [2, 99]) == 1


def test_shapes_that_disagree_are_refused_by_name():
    with pytest.raises(ValueError, match=r"3 items, vectors \(2, 2\)"):
        vectors_table.copy_in(TABLE, np.array([3, 4, 5]), TWO, TWO)


@pytest.mark.parametrize("value", [np.nan, np.inf, 70_000])
def test_values_that_half_precision_cannot_hold_are_refused(value):
    with pytest.raises(ValueError, match="history hold"):
        vectors_table.copy_in(TABLE, np.array([3, 4]), TWO, np.full((2, 2), value, np.float32))


def test_many_blocks_arrive_whole():
    vectors = np.ones((10_000, 2), np.float32)

    vectors_table.copy_in(TABLE, np.arange(100, 10_100), vectors, vectors)

    assert len(vectors_table.item_ids(TABLE)) == 10_002

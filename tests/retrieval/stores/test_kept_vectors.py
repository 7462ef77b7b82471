"""What a process keeps of a version, against what Postgres says this moment."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from retrieval.ann import KeptIndex, PgVectorIndex, forget_vectors, index_of
from retrieval.config import overridden
from retrieval.hot import watched_statements
from retrieval.offline import related_table, vectors_table
from retrieval.related import related_to
from retrieval.types import LiveModel

pytestmark = pytest.mark.django_db(transaction=True)
IDS = np.array([10, 20, 30], np.int64)
COMPASS = np.array([[0, 1], [0.8, 0.6], [1, 0]], np.float32)
EAST = np.array([1, 0], np.float32)


@pytest.fixture
def model():
    """Three items on the plane. Tables outlive a test: the next one makes its own."""
    vectors, related = "test_kept_vectors", "test_kept_related"
    vectors_table.create(vectors, 2)
    vectors_table.copy_in(vectors, IDS, COMPASS, 2 * COMPASS)
    vectors_table.build_index(vectors)
    related_table.write(related, IDS, csr_array(np.array([[0, 5, 1], [0, 0, -2], [0, 0, 0]], np.float32)))
    return LiveModel(1, 2, vectors, related, vectors_changed_at="monday")


def search(model: LiveModel) -> list[int]:
    return index_of(model, deadline=None).search(EAST, 10, deadline=None, ef_search=10)[0].tolist()


def test_a_small_version_is_read_once(model):
    assert search(model) == [30, 20, 10]

    with watched_statements() as statements:
        assert search(model) == [30, 20, 10]
        index = index_of(model, deadline=None)
        _, history = index.history_vectors(np.array([30, 99, 10]), deadline=None)

    assert history.tolist() == [[0, 2], [2, 0]]
    assert statements == []


def test_new_items_are_found_once_the_version_says_that_it_changed(model):
    search(model)
    vectors_table.upsert(model.vectors_table, np.array([40]), 2 * EAST[None], EAST[None])

    assert search(model) == [30, 20, 10]
    assert search(replace(model, vectors_changed_at="tuesday")) == [40, 30, 20, 10]


def test_a_version_that_takes_more_room_stays_in_postgres(model):
    with overridden(vectors_cache_mb=0):
        assert isinstance(index_of(model, deadline=None), PgVectorIndex)
    assert isinstance(index_of(model, deadline=None), KeptIndex)


def test_two_versions_are_kept_apart(model):
    other = replace(model, version=2, vectors_table="test_kept_others")
    vectors_table.create(other.vectors_table, 2)
    vectors_table.copy_in(other.vectors_table, IDS, -COMPASS, COMPASS)
    vectors_table.build_index(other.vectors_table)

    assert [search(model), search(other), search(model)] == [[30, 20, 10], [10, 20, 30], [30, 20, 10]]


def related(model: LiveModel, *ids: int, most: int = 400) -> list[tuple[int, int, float]]:
    """(item, related item, weight) of each pair."""
    asked = np.array(ids, np.int64)
    places, items, weights = related_to(model.related_table, asked, most=most, deadline=None)
    return list(zip(asked[places].tolist(), items.tolist(), weights.tolist(), strict=True))


def test_lists_of_related_items_are_read_once_each(model):
    assert related(model, 10, 30) == [(10, 20, 5.0), (10, 30, 1.0)]

    with watched_statements() as statements:
        assert related(model, 10, 30) == [(10, 20, 5.0), (10, 30, 1.0)]
        assert related(model, 10, most=1) == [(10, 20, 5.0)]
        assert statements == []
        assert related(model, 10, 20) == [(10, 20, 5.0), (10, 30, 1.0), (20, 30, -2.0)]

    assert len(statements) == 1


def test_lists_that_no_longer_fit_are_read_again(model):
    with overridden(related_cache_mb=0), watched_statements() as statements:
        first = related(model, 10)
        related(model, 20)
        related(model, 30)
        assert related(model, 10) == first

    assert len(statements) == 4


def test_a_process_that_forgets_reads_anew(model):
    search(model)
    vectors_table.remove(model.vectors_table, [30])
    forget_vectors()

    assert search(model) == [20, 10]

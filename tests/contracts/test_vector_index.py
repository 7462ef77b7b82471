"""What every vector index promises. A new one inherits the class and names itself."""

from collections.abc import Callable

import numpy as np
import pytest

from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import IndexUnavailable, VectorIndex
from retrieval.ann.kept import KeptIndex
from retrieval.ann.pgvector import PgVectorIndex
from retrieval.offline import vectors_table
from tests.ann.snapshots import built, built_and_then_changed
from tests.ann.vectors import clustered

TABLE = "test_vectors"
# Four directions on the plane: the inner product with (1, 0) is 1, 0.8, 0, -1.
COMPASS = np.array([[0, 1], [0.8, 0.6], [1, 0], [-1, 0]], np.float32)
COMPASS_IDS = np.array([10, 20, 30, 40], np.int64)
EAST = np.array([1, 0], np.float32)


def load(ids: np.ndarray, vectors: np.ndarray, history: np.ndarray | None = None) -> None:
    vectors_table.create(TABLE, vectors.shape[1])
    vectors_table.copy_in(TABLE, ids, vectors, vectors if history is None else history)
    vectors_table.build_index(TABLE)


@pytest.mark.django_db
class VectorIndexContract:
    make: Callable[[str], VectorIndex]

    def search(self, vector: np.ndarray, k: int, ef_search: int = 100) -> tuple[list[int], np.ndarray]:
        ids, scores = self.make(TABLE).search(vector, k, deadline=None, ef_search=ef_search)
        assert (ids.dtype, scores.dtype) == (np.int64, np.float32)
        return ids.tolist(), scores

    def test_the_nearest_come_first_with_their_inner_products(self):
        load(COMPASS_IDS, COMPASS)

        ids, scores = self.search(EAST, 4)

        assert ids == [30, 20, 10, 40]
        assert scores == pytest.approx([1.0, 0.8, 0.0, -1.0], abs=1e-3)

    def test_no_more_than_k_come_back(self):
        load(COMPASS_IDS, COMPASS)

        assert self.search(EAST, 2)[0] == [30, 20]

    def test_asking_for_none_gives_none(self):
        load(COMPASS_IDS, COMPASS)

        assert self.search(EAST, 0)[0] == []

    def test_asking_beyond_the_catalogue_gives_all_of_it(self):
        load(COMPASS_IDS, COMPASS)

        assert sorted(self.search(EAST, 1000)[0]) == [10, 20, 30, 40]

    def test_equal_scores_fall_in_order_of_id(self):
        load(np.array([9, 3, 6]), np.array([EAST, EAST, EAST]))

        assert self.search(EAST, 3)[0] == [3, 6, 9]

    def test_an_effort_below_k_still_gives_k_rows(self):
        load(np.arange(1, 3001), clustered(3000, 16, seed=2))

        ids, scores = self.search(clustered(1, 16, seed=3)[0], 500, ef_search=10)

        assert len(set(ids)) == 500
        assert (np.diff(scores) <= 0).all()

    def test_more_than_a_thousand_rows_can_be_asked_for(self):
        load(np.arange(1, 3001), clustered(3000, 16, seed=2))

        assert len(set(self.search(clustered(1, 16, seed=3)[0], 1500)[0])) == 1500

    def test_it_finds_almost_all_of_the_true_neighbors(self):
        vectors, query = clustered(3000, 16, seed=2), clustered(1, 16, seed=3)[0]
        load(np.arange(3000), vectors)

        ids, _ = self.search(query, 100)

        true_neighbors = np.argsort(-(vectors @ query))[:100]
        assert len(set(ids) & set(true_neighbors.tolist())) >= 95

    def test_several_searches_at_once_find_what_each_finds_alone(self):
        vectors, queries = clustered(3000, 16, seed=2), clustered(3, 16, seed=3)
        load(np.arange(3000), vectors)
        index = self.make(TABLE)

        together = index.search_each(queries, 20, deadline=None, ef_search=1000)

        alone = [index.search(query, 20, deadline=None, ef_search=1000) for query in queries]
        assert [ids.tolist() for ids, _ in together] == [ids.tolist() for ids, _ in alone]
        assert index.search_each(queries[:0], 20, deadline=None, ef_search=1000) == []

    def test_vectors_come_back_for_the_ids_that_exist_in_order_of_id(self):
        load(COMPASS_IDS, COMPASS, history=2 * COMPASS)
        index = self.make(TABLE)

        ids, vectors = index.item_vectors(np.array([30, 99, 10]), deadline=None)
        _, history = index.history_vectors(np.array([30, 99, 10]), deadline=None)

        assert ids.tolist() == [10, 30]
        assert vectors.tolist() == [[0, 1], [1, 0]]
        assert history.tolist() == [[0, 2], [2, 0]]

    def test_no_vectors_come_back_for_unknown_ids(self):
        load(COMPASS_IDS, COMPASS)

        ids, vectors = self.make(TABLE).history_vectors(np.array([99]), deadline=None)

        assert (len(ids), len(vectors)) == (0, 0)

    def test_a_dropped_version_is_unavailable_by_name(self):
        with pytest.raises(IndexUnavailable, match="no_such_table"):
            self.make("no_such_table").search(EAST, 1, deadline=None, ef_search=10)


class TestPgVectorIndex(VectorIndexContract):
    make = PgVectorIndex


class TestExactIndex(VectorIndexContract):
    make = ExactIndex


class TestKeptIndex(VectorIndexContract):
    make = KeptIndex.read


@pytest.mark.usefixtures("snapshots_dir")
class TestSnapshotIndexAsGraph(VectorIndexContract):
    make = staticmethod(built("hnsw"))


@pytest.mark.usefixtures("snapshots_dir")
class TestSnapshotIndexAsQuantizedLists(VectorIndexContract):
    make = staticmethod(built("ivfpq"))


@pytest.mark.usefixtures("snapshots_dir")
class TestSnapshotIndexOfWhichHalfHasChanged(VectorIndexContract):
    make = staticmethod(built_and_then_changed("hnsw"))

import numpy as np
import pytest

from benchmarks.ann.libraries import Faiss
from benchmarks.ann.measuring import LIBRARIES, Measured, Point
from benchmarks.ann.report import figures, table
from benchmarks.ann.vectors import items, nearest, users


def test_vectors_and_queries_are_of_length_one_and_the_same_each_time():
    rows = items(500)
    queries = users(rows, 5)
    assert np.linalg.norm(queries, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(500), abs=1e-2)
    assert np.array_equal(users(items(500), 5), queries)


def test_the_truth_is_what_comparing_all_finds():
    rows = np.eye(4, dtype=np.float32)
    [found] = nearest(rows, np.array([[0.1, 0.9, 0.5, 0.0]], np.float32), 2)
    assert sorted(found.tolist()) == [1, 2]


def test_a_library_finds_almost_all_of_it():
    rows = items(2000)
    [query] = users(rows, 1)
    library = Faiss("hnsw")
    library.build(rows, 50)
    found = library.search(query, 50, 400)
    assert len(np.intersect1d(found, nearest(rows, query[None], 50)[0])) >= 47


def test_the_table_shows_the_least_effort_that_is_good_enough_and_who_was_absent():
    points = (Point(400, 0.9, 1.0, 2.0), Point(600, 0.96, 1.5, 3.0), Point(800, 0.98, 2.0, 4.0))
    measured = [Measured("pgvector HNSW halfvec", 1.0, 2.0, points), Measured("ScaNN", absent="No module")]
    assert "| 600 | 0.960 | 1.50 ms | 3.00 ms |" in table(measured, k=400)
    assert "ScaNN | not measured: No module" in table(measured, k=400)
    assert {one.metric for one in figures(measured, n=9, k=400, queries=5)} == {
        "build_s",
        "memory",
        "recall@400",
        "p50_ms",
        "p95_ms",
    }
    assert len(LIBRARIES) == 7

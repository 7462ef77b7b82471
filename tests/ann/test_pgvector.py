import numpy as np
import pytest
from django.db import connection

from retrieval.ann.pgvector import EF_SEARCH_MAX, PgVectorIndex, effort
from retrieval.offline import vectors_table
from tests.ann.vectors import clustered

TABLE = "test_vectors"


@pytest.mark.parametrize(
    ("k", "asked", "expected"), [(100, 400, 400), (400, 100, 400), (5000, 100, EF_SEARCH_MAX), (10, 0, 10)]
)
def test_the_effort_is_never_below_k_nor_above_the_limit(k, asked, expected):
    assert effort(k, asked) == expected


@pytest.mark.django_db
def test_a_search_reads_the_index_and_not_the_table():
    vectors = clustered(5000, 16, seed=2)
    vectors_table.create(TABLE, 16)
    vectors_table.copy_in(TABLE, np.arange(5000), vectors, vectors)
    vectors_table.build_index(TABLE)

    with connection.cursor() as cursor:
        query = f"SELECT item_id FROM {TABLE} ORDER BY vector <#> %s::halfvec(16) LIMIT 100"
        cursor.execute("EXPLAIN " + query, [str(vectors[0].tolist())])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert f"Index Scan using {TABLE}_hnsw" in plan


@pytest.mark.django_db
def test_rows_removed_after_the_build_do_not_cost_the_answer_its_length():
    vectors = clustered(3000, 16, seed=2)
    vectors_table.create(TABLE, 16)
    vectors_table.copy_in(TABLE, np.arange(3000), vectors, vectors)
    vectors_table.build_index(TABLE)
    nearest, _ = PgVectorIndex(TABLE).search(vectors[0], 400, deadline=None)

    vectors_table.remove(TABLE, nearest)
    ids, _ = PgVectorIndex(TABLE).search(vectors[0], 400, deadline=None)

    assert len(ids) == 400
    assert not set(ids.tolist()) & set(nearest.tolist())

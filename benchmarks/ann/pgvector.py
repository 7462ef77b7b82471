"""The product's own index, in a table of its own that is dropped afterwards."""

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from retrieval.ann import PgVectorIndex, Vectors
from retrieval.offline import vectors_table

TABLE = "bench_ann_vectors"


class PgVector:
    """Its time includes the round trip, its memory is the index's pages."""

    efforts = (400, 600, 800, 1000)
    bytes_held = 0

    def build(self, rows: Vectors, k: int) -> None:
        vectors_table.create(TABLE, rows.shape[1])
        vectors_table.copy_in(TABLE, np.arange(len(rows)), rows, rows)
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '1GB'")
        vectors_table.build_index(TABLE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [f"{TABLE}_hnsw"])
            self.bytes_held = cursor.fetchone()[0]
        self._index = PgVectorIndex(TABLE)

    def search(self, query: Vectors, k: int, effort: int) -> NDArray[np.int64]:
        return self._index.search(query, k, deadline=None, ef_search=effort)[0]

    def close(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")

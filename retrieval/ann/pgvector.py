"""The index that serves: HNSW on halfvec, by inner product of unit vectors; of few rows, all of them."""

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from retrieval.ann import rows
from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import Vectors
from retrieval.deadline import Deadline
from retrieval.types import Ids, Scores

EF_SEARCH = 400
# Comparing so many rows one after the other takes no longer than walking the graph for hundreds of them.
EXACT_UP_TO = 3_000
_COUNT_FRESH_S = 60.0
_ROWS = "SELECT coalesce((SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)), -1)"
# pgvector's own limit; and what caps the rows of a plain index scan, without an error.
EF_SEARCH_MAX = 1000

# Iterative, so that a scan whose candidates were removed since the build goes on until it has k rows; where
# enough are there, it costs nothing.
_SETTINGS = "SET LOCAL hnsw.iterative_scan = strict_order; SET LOCAL hnsw.ef_search = {}"
_NEAREST = rows.gathered(
    "SELECT item_id, vector <#> %s::halfvec AS distance FROM {table} ORDER BY vector <#> %s::halfvec LIMIT %s"
)

_NEAREST_EACH = rows.gathered_each("vector <#> asked.vector::halfvec")


@dataclass(frozen=True, slots=True)
class PgVectorIndex:
    """`retrieval.ann.index.VectorIndex` over a version's table."""

    table: str

    def search(
        self, vector: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = EF_SEARCH
    ) -> tuple[Ids, Scores]:
        """At most `k`, approximately the nearest. The effort is never below k: it would cut the rows."""
        if k <= 0:
            return rows.ranked([])
        if 0 < rows_about(self.table) <= EXACT_UP_TO:
            return ExactIndex(self.table).search(vector, k, deadline=deadline)
        query = np.ascontiguousarray(vector, np.float32)
        settings = _SETTINGS.format(effort(k, ef_search))
        statement = rows.quoted(_NEAREST, self.table)
        return rows.ranked(
            rows.fetch_all(self.table, statement, (query, query, k), deadline, settings=settings)
        )

    def search_each(
        self, vectors: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = EF_SEARCH
    ) -> list[tuple[Ids, Scores]]:
        if 0 < rows_about(self.table) <= EXACT_UP_TO:
            return ExactIndex(self.table).search_each(vectors, k, deadline=deadline)
        settings = _SETTINGS.format(effort(k, ef_search))
        return rows.nearest_each(self.table, _NEAREST_EACH, vectors, k, deadline, settings=settings)

    def item_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "vector", ids, deadline)

    def history_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "history", ids, deadline)


def rows_about(table: str) -> int:
    """How many rows the planner believes the table has, at most a minute old; -1 where it was never analyzed."""
    return _rows_about(table, int(time.monotonic() // _COUNT_FRESH_S))


@lru_cache(maxsize=16)
def _rows_about(table: str, moment: int) -> int:
    """Asked once a `moment`."""
    [(count,)] = rows.fetch_all(table, _ROWS, [table], None)
    return int(count)


def effort(k: int, ef_search: int) -> int:
    """`hnsw.ef_search` for `k` rows: as asked, at least k, at most what pgvector allows."""
    return min(max(ef_search, k, 1), EF_SEARCH_MAX)

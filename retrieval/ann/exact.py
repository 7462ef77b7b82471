"""The oracle: every row compared, in SQL. What an approximate index is measured against."""

from dataclasses import dataclass

import numpy as np

from retrieval.ann import rows
from retrieval.ann.index import Vectors
from retrieval.deadline import Deadline
from retrieval.types import Ids, Scores

# Adding 0 to the distance makes the order one that no index provides.
_NEAREST = rows.gathered(
    "SELECT item_id, vector <#> %s::halfvec AS distance FROM {table}"
    " ORDER BY (vector <#> %s::halfvec) + 0, item_id LIMIT %s"
)

_NEAREST_EACH = rows.gathered_each("(vector <#> asked.vector::halfvec) + 0, item_id")


@dataclass(frozen=True, slots=True)
class ExactIndex:
    """`retrieval.ann.index.VectorIndex` over a version's table, without its index."""

    table: str

    def search(
        self,
        vector: Vectors,
        k: int,
        *,
        deadline: Deadline | None,
        ef_search: int = 0,
    ) -> tuple[Ids, Scores]:
        query = np.ascontiguousarray(vector, np.float32)
        statement = rows.quoted(_NEAREST, self.table)
        return rows.ranked(rows.fetch_all(self.table, statement, (query, query, max(k, 0)), deadline))

    def search_each(
        self, vectors: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = 0
    ) -> list[tuple[Ids, Scores]]:
        return rows.nearest_each(self.table, _NEAREST_EACH, vectors, k, deadline)

    def item_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "vector", ids, deadline)

    def history_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "history", ids, deadline)

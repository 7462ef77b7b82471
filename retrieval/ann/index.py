"""What a vector index is. Tests for it are in `tests/contracts/test_vector_index.py`."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.deadline import Deadline
from retrieval.types import Ids, RetrievalError, Scores

Vectors = NDArray[np.float32]


class IndexUnavailable(RetrievalError):
    """The version's vectors are not there: never built, or dropped while a process still asked for them."""


class VectorIndex(Protocol):
    """The item vectors of one model version."""

    def search(
        self, vector: Vectors, k: int, *, deadline: Deadline | None, ef_search: int
    ) -> tuple[Ids, Scores]:
        """Item ids int64 [n] and inner products float32 [n] with `vector` float32 [dim], best first, n ≤ k.

        `ef_search` is the effort of an approximate index; an exact one ignores it. Raises SourceTimeout past
        the deadline and IndexUnavailable.
        """
        ...

    def search_each(
        self, vectors: Vectors, k: int, *, deadline: Deadline | None, ef_search: int
    ) -> list[tuple[Ids, Scores]]:
        """`search` for each row of `vectors` float32 [m, dim], in one round trip where there is any."""
        ...

    def item_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        """The searched vectors of the `ids` that exist: int64 [n] ascending, float32 [n, dim], unit rows."""
        ...

    def history_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        """What the user tower reads for the `ids` that exist: int64 [n] ascending, float32 [n, dim]."""
        ...

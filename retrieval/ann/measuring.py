"""How much of what an exact search finds another one found too."""

from dataclasses import dataclass

import numpy as np

from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import Vectors
from retrieval.deadline import Deadline
from retrieval.sets import among, ascending
from retrieval.types import Ids, Scores

# Items with the score of the last true neighbor are ties, not errors; half precision rounds that much.
_TIE = 1e-4


@dataclass(frozen=True, slots=True)
class Truth:
    """What an exact search finds for a query. ids: int64 [n], best first; scores: float32 [n]."""

    ids: Ids
    scores: Scores

    @classmethod
    def of(cls, table: str, query: Vectors, k: int, *, deadline: Deadline | None) -> "Truth":
        """Compares every row of the version's table. Raises IndexUnavailable, SourceTimeout."""
        return cls(*ExactIndex(table).search(query, k, deadline=deadline))

    def hits(self, table: str, query: Vectors, found: Ids, *, deadline: Deadline | None) -> int:
        """How many of `found` are among the truth or tie with its last: 0 to len(self.ids).

        By the items' own vectors: an index that compresses has other scores for the same items.
        """
        if not len(self.ids):
            return 0
        found = found[: len(self.ids)]
        missed = found[~among(found, ascending(self.ids))]
        hits = len(found) - len(missed)
        if len(missed):
            _, vectors = ExactIndex(table).item_vectors(missed, deadline=deadline)
            if len(vectors):
                hits += int(np.count_nonzero(vectors @ query >= self.scores[-1] - _TIE))
        return hits

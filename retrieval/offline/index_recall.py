"""How much of what an exact search finds the version's index finds too, for queries that come from users."""

import numpy as np
from numpy.typing import NDArray

from retrieval import artifacts
from retrieval.ann import EF_SEARCH, ExactIndex, PgVectorIndex, Vectors
from retrieval.encoder import UserEncoder
from retrieval.models import ModelVersion
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import TRAINED
from retrieval.offline.user_vectors import encode_users
from retrieval.towers.data import without_repeats

# Items with the score of the last true neighbor are ties, not errors.
_TIE = 1e-6


def index_recall(table: str, queries: Vectors, k: int, *, ef_search: int = EF_SEARCH) -> NDArray[np.float64]:
    """float64 [n]: for each query, the share of the exact first k that the index finds.

    queries: float32 [n, dim], unit rows.
    """
    approximate, exact = PgVectorIndex(table), ExactIndex(table)
    recalls = []
    for query in queries:
        _, best = exact.search(query, k, deadline=None)
        _, found = approximate.search(query, k, deadline=None, ef_search=ef_search)
        recalls.append(np.count_nonzero(found >= best[-1] - _TIE) / len(best) if len(best) else 1.0)
    return np.minimum(np.array(recalls, np.float64), 1.0)


def user_queries(version_id: int, n: int) -> Vectors:
    """float32 [at most n, dim]: users of the version's snapshot as its tower sees them at the cutoff. Raises
    SnapshotMissing."""
    folder = folder_of(version_id)
    encoder = UserEncoder.from_artifact(artifacts.load(version_id, artifacts.USER_ENCODER))
    version = ModelVersion.objects.get(id=version_id)
    return some_queries(version, read_snapshot(folder), ItemVectors.load(folder / TRAINED), encoder, n)


def some_queries(
    version: ModelVersion, arrays: SnapshotArrays, trained: ItemVectors, encoder: UserEncoder, n: int
) -> Vectors:
    """As `user_queries`, for who has read them already; the same users each time."""
    data = without_repeats(arrays.data)
    users = np.random.default_rng(0).permutation(data.n_users)[:n].astype(np.int64)
    now_s = int(version.cutoff.timestamp())
    return encode_users(encoder, data, trained.history, users, now_s=now_s)

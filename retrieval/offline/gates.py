"""What a version must pass before it may serve."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from retrieval.ann.exact import ExactIndex
from retrieval.ann.pgvector import EF_SEARCH, PgVectorIndex
from retrieval.encoder import UserEncoder
from retrieval.models import ModelVersion
from retrieval.offline import vectors_table
from retrieval.offline.arrays import SnapshotArrays
from retrieval.offline.holdout import FEWEST_USERS, compare
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.user_vectors import encode_users
from retrieval.towers.data import without_repeats

LEAST_INDEX_RECALL = 0.95
MOST_PARITY_ERROR = 1e-5
INDEX_K = 400
_QUERIES = 100
# Items with the score of the last true neighbor are ties, not errors.
_TIE = 1e-6


@dataclass(frozen=True, slots=True)
class Gate:
    name: str
    passed: bool
    value: float | None
    demand: str

    def as_report(self) -> dict[str, Any]:
        return asdict(self)


def rows_gate(version: ModelVersion, expected: int) -> Gate:
    """The table holds exactly the items that were embedded."""
    rows = vectors_table.count(version.vectors_table)
    return Gate("rows", rows == expected, rows, f"= {expected}")


def parity_gate(version: ModelVersion) -> Gate:
    """The numpy encoders give what the towers gave."""
    error = version.report.get("training", {}).get("export_parity")
    passed = error is not None and error <= MOST_PARITY_ERROR
    return Gate("export parity", passed, error, f"≤ {MOST_PARITY_ERROR}")


def index_gate(
    version: ModelVersion,
    arrays: SnapshotArrays,
    trained: ItemVectors,
    encoder: UserEncoder,
    *,
    seed: int = 0,
) -> Gate:
    """HNSW finds what an exact search finds, for queries that come from users."""
    data = without_repeats(arrays.data)
    users = np.random.default_rng(seed).permutation(data.n_users)[:_QUERIES].astype(np.int64)
    now_s = int(version.cutoff.timestamp())
    queries = encode_users(encoder, data, trained.history, users, now_s=now_s)
    approximate, exact = PgVectorIndex(version.vectors_table), ExactIndex(version.vectors_table)
    recalls = []
    for query in queries:
        _, best = exact.search(query, INDEX_K, deadline=None)
        _, found = approximate.search(query, INDEX_K, deadline=None, ef_search=EF_SEARCH)
        recalls.append(np.count_nonzero(found >= best[-1] - _TIE) / len(best) if len(best) else 1.0)
    recall = float(np.mean(np.minimum(recalls, 1.0)))
    return Gate(f"index recall@{INDEX_K}", recall >= LEAST_INDEX_RECALL, recall, f"≥ {LEAST_INDEX_RECALL}")


def quality_gate(version: ModelVersion, arrays: SnapshotArrays, live: ModelVersion | None) -> Gate:
    """The recipe is not worse than what serves, on events that neither has seen."""
    name = "holdout recall@100"
    if live is None:
        return Gate(name, passed=True, value=None, demand="first version: nothing to compare with")
    comparison = compare(arrays, version, live)
    if comparison is None:
        return Gate(name, passed=True, value=None, demand=f"not measured: fewer than {FEWEST_USERS} users")
    demand = f"not below v{live.id}'s {comparison.live.mean():.4f} beyond chance"
    return Gate(name, not comparison.is_worse(), float(comparison.trial.mean()), demand)

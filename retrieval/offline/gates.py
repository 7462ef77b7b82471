"""What a version must pass before it may serve."""

from dataclasses import asdict, dataclass
from typing import Any

from retrieval.ann import fits
from retrieval.encoder import UserEncoder
from retrieval.models import ModelVersion
from retrieval.offline import vectors_table
from retrieval.offline.arrays import SnapshotArrays
from retrieval.offline.holdout import FEWEST_USERS, compare
from retrieval.offline.index_recall import index_recall, some_queries
from retrieval.offline.item_vectors import ItemVectors

LEAST_INDEX_RECALL = 0.95
MOST_PARITY_ERROR = 1e-5
MOST_SEQUENCE_ERROR = (
    1e-4  # of coordinates that are about 1 large, where the towers' are those of unit vectors
)
INDEX_K = 400
_QUERIES = 100


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


def sequence_parity_gate(version: ModelVersion) -> Gate | None:
    """The numpy encoder of sequences gives what the network gave; None where the version has none."""
    error = version.report.get("sequencing", {}).get("export_parity")
    if error is None:
        return None
    return Gate("sequence parity", error <= MOST_SEQUENCE_ERROR, error, f"≤ {MOST_SEQUENCE_ERROR}")


def index_gate(
    version: ModelVersion, arrays: SnapshotArrays, trained: ItemVectors, encoder: UserEncoder
) -> Gate:
    """What serves finds what an exact search finds, for queries that come from users."""
    name = f"index recall@{INDEX_K}"
    if fits(vectors_table.count(version.vectors_table), version.dim):
        return Gate(
            name, passed=True, value=1.0, demand="compared exactly: VECTORS_CACHE_MB holds the vectors"
        )
    queries = some_queries(version, arrays, trained, encoder, _QUERIES)
    recalls = index_recall(version.vectors_table, queries, INDEX_K)
    recall = float(recalls.mean()) if len(recalls) else 1.0
    return Gate(name, recall >= LEAST_INDEX_RECALL, recall, f"≥ {LEAST_INDEX_RECALL}")


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

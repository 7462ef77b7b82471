"""Which index answers for a model version: by its size, by `VECTOR_ENGINE`, and by what is ready."""

from retrieval.ann.index import VectorIndex
from retrieval.ann.kept import fits, forget_kept_vectors, kept_index
from retrieval.ann.pgvector import PgVectorIndex, rows_about
from retrieval.ann.snapshots import SnapshotIndex, forget_snapshots, served_snapshot
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import LiveModel

ENGINES = ("pgvector", "faiss")


def index_of(model: LiveModel, *, deadline: Deadline | None) -> VectorIndex:
    """The version's vectors: in the process where they take at most `VECTORS_CACHE_MB`, else this machine's snapshot
    where `VECTOR_ENGINE` is faiss and there is one to use, else in Postgres. Vectors of content, which belong to no
    version, are never in a snapshot.

    Both of the process are brought up to date within a second of new items' being placed. Raises IndexUnavailable and
    SourceTimeout where something is read.
    """
    table = model.vectors_table
    # What an open transaction wrote may be rolled back.
    if sees_uncommitted():
        return PgVectorIndex(table)
    if fits(rows_about(table), model.dim):
        return kept_index(model, deadline=deadline)
    if config().vector_engine != "faiss" or not model.version:
        return PgVectorIndex(table)
    snapshot = served_snapshot(model, deadline=deadline)
    return PgVectorIndex(table) if snapshot is None else snapshot


def searched_by_snapshot(model: LiveModel) -> list[LiveModel]:
    """`too_large_to_keep` where `VECTOR_ENGINE` is faiss; else none."""
    return too_large_to_keep(model) if config().vector_engine == "faiss" else []


def too_large_to_keep(model: LiveModel) -> list[LiveModel]:
    """The version once for each of its tables that a source searches and a process does not keep whole."""
    return [part for part in model.searched() if not fits(rows_about(part.vectors_table), part.dim)]


def engine_of(index: VectorIndex) -> str:
    """What figures of the index are kept under: pgvector, faiss-hnsw, faiss-ivfpq, or exact."""
    if isinstance(index, PgVectorIndex):
        return "pgvector"
    if isinstance(index, SnapshotIndex):
        return f"faiss-{index.opened.manifest.layout}"
    return "exact"


def forget_vectors() -> None:
    """As a process that has never read any."""
    forget_kept_vectors()
    forget_snapshots()

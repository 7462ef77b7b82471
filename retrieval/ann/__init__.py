"""Nearest neighbors by inner product: one interface, the indexes that serve and the oracle that checks them."""

from retrieval.ann.choosing import (
    ENGINES,
    engine_of,
    forget_vectors,
    index_of,
    searched_by_snapshot,
    too_large_to_keep,
)
from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import IndexUnavailable, VectorIndex, Vectors
from retrieval.ann.kept import KeptIndex, fits
from retrieval.ann.pgvector import EF_SEARCH, PgVectorIndex
from retrieval.ann.sampling import search_live
from retrieval.ann.snapshots import SnapshotIndex

__all__ = [
    "EF_SEARCH",
    "ENGINES",
    "ExactIndex",
    "IndexUnavailable",
    "KeptIndex",
    "PgVectorIndex",
    "SnapshotIndex",
    "VectorIndex",
    "Vectors",
    "engine_of",
    "fits",
    "forget_vectors",
    "index_of",
    "search_live",
    "searched_by_snapshot",
    "too_large_to_keep",
]

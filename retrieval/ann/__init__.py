"""Nearest neighbors by inner product: one interface, the index that serves and the oracle that checks it."""

from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import IndexUnavailable, VectorIndex, Vectors
from retrieval.ann.kept import KeptIndex, fits, forget_vectors, index_of
from retrieval.ann.pgvector import EF_SEARCH, PgVectorIndex

__all__ = [
    "EF_SEARCH",
    "ExactIndex",
    "IndexUnavailable",
    "KeptIndex",
    "PgVectorIndex",
    "VectorIndex",
    "Vectors",
    "fits",
    "forget_vectors",
    "index_of",
]

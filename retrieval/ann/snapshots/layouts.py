"""The two ways in which a snapshot lays its vectors out, and how much of it a search looks at.

hnsw: a graph over half-precision vectors (Malkov and Yashunin, 2016), as exact as pgvector's and several times faster.
ivfpq: lists of product-quantized vectors (Jégou, Douze and Schmid, 2011), 64 bytes each: for what wouldn't fit else.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retrieval.ann.index import Vectors
from retrieval.ann.snapshots.library import faiss

Layout = Literal["hnsw", "ivfpq"]
LAYOUTS: tuple[Layout, ...] = ("hnsw", "ivfpq")

M, EF_CONSTRUCTION = 24, 128  # with 16 and 64 a search among a million had a recall of .92, with these of .96
PQ_BYTES = 64
_CODES = 256  # of each byte
# Of fewer rows the 256 codes would be learned from fewer than ten vectors each: they are compared one by one.
LEAST_FOR_PQ = 10 * _CODES
_PER_LIST_LEARNED_FROM = 50
_PER_CODE_LEARNED_FROM = 64
_ROUNDS = 12
# The effort that a mix names is the graph's; so many of its steps cost about as much as reading one list.
_EFFORT_PER_LIST = 8
_SPARE = 4


def empty_index(layout: Layout, dim: int, rows: int) -> Any:
    """A FAISS index by inner product for so many rows, untrained where `sample_size` is not 0."""
    f = faiss()
    half = f.ScalarQuantizer.QT_fp16
    if layout == "hnsw":
        graph = f.IndexHNSWSQ(dim, half, M, f.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = EF_CONSTRUCTION
        return graph
    if rows < LEAST_FOR_PQ:
        return f.IndexScalarQuantizer(dim, half, f.METRIC_INNER_PRODUCT)
    lists = f.IndexIVFPQ(f.IndexFlatIP(dim), dim, list_count(rows), parts(dim), 8, f.METRIC_INNER_PRODUCT)
    lists.cp.niter = lists.pq.cp.niter = _ROUNDS
    lists.pq.cp.max_points_per_centroid = _PER_CODE_LEARNED_FROM
    lists.cp.min_points_per_centroid = lists.pq.cp.min_points_per_centroid = 1  # it warns on stderr of fewer
    return lists


def sample_size(layout: Layout, rows: int) -> int:
    """How many rows the layout learns from; 0 where it learns nothing."""
    if layout == "hnsw" or rows < LEAST_FOR_PQ:
        return 0
    return min(rows, max(_PER_LIST_LEARNED_FROM * list_count(rows), _PER_CODE_LEARNED_FROM * _CODES))


def list_count(rows: int) -> int:
    """About 4 √rows, and no lists that would be nearly empty."""
    return max(1, min(4 * isqrt(rows), rows // 40))


def parts(dim: int) -> int:
    """How many bytes a vector is quantized to: the most that divide its dimensions, up to 64."""
    return max(size for size in range(1, PQ_BYTES + 1) if dim % size == 0)


def nprobe_of(effort: int, k: int, rows: int, lists: int) -> int:
    """How many lists to read for that effort, at least so many that they hold k rows with some to spare."""
    return min(lists, max(effort // _EFFORT_PER_LIST, _SPARE * k * lists // max(rows, 1) + 1))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be found. selector: FAISS's; share: of all places, above 0 where there are any."""

    selector: Any
    share: float

    @classmethod
    def of(cls, places: NDArray[np.bool_]) -> "Allowed":
        """bool [n]."""
        bits = np.packbits(places, bitorder="little")
        return cls(faiss().IDSelectorBitmap(bits), float(places.mean()) if len(places) else 1.0)


ALL = Allowed(None, 1.0)


def nearest(
    index: Any, query: Vectors, k: int, *, effort: int, allowed: Allowed = ALL
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(scores float32 [n], places int64 [n]) of at most k rows, best first."""
    if not index.ntotal or not allowed.share:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    f = faiss()
    query, selector = query.reshape(1, -1), allowed.selector
    # Steps to what may not be found count as steps: without more of them the rest would be searched less well.
    effort = min(int(max(effort, k) / allowed.share), index.ntotal)
    if hasattr(index, "hnsw"):
        return _found(index, query, k, f.SearchParametersHNSW(efSearch=effort, sel=selector))
    if not hasattr(index, "nlist"):
        return _found(index, query, k, f.SearchParameters(sel=selector))
    nprobe = nprobe_of(effort, k, index.ntotal, index.nlist)
    scores, places = _found(index, query, k, f.SearchParametersIVF(nprobe=nprobe, sel=selector))
    if len(places) < min(k, index.ntotal) and nprobe < index.nlist:
        return _found(index, query, k, f.SearchParametersIVF(nprobe=index.nlist, sel=selector))
    return scores, places


def _found(
    index: Any, query: Vectors, k: int, parameters: Any
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    scores, places = index.search(query, min(k, index.ntotal), params=parameters)
    there = places[0] >= 0
    return scores[0][there], places[0][there]

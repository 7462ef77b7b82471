"""One engine's recall and latency by effort."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.ann import PgVectorIndex, SnapshotIndex, VectorIndex, Vectors
from retrieval.ann.measuring import Truth
from retrieval.ann.pgvector import effort as pgvector_effort
from retrieval.ann.snapshots.layouts import nprobe_of

_WARMED_BY = 10


@dataclass(frozen=True, slots=True)
class Point:
    """ef_search: as a mix names it; setting: what the engine makes of it; recall: the mean of the queries; worst: what
    19 of 20 queries reach."""

    ef_search: int
    setting: str
    recall: float
    worst: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Asked:
    """k nearest in the version's table of each query. queries: float32 [n, dim], unit rows; truths: of each."""

    table: str
    k: int
    queries: Vectors
    truths: Sequence[Truth]

    @classmethod
    def exactly(cls, table: str, k: int, queries: Vectors) -> "Asked":
        """Searches for each of them exactly. Raises IndexUnavailable."""
        return cls(table, k, queries, [Truth.of(table, query, k, deadline=None) for query in queries])


@dataclass(frozen=True, slots=True)
class Curve:
    """points: by effort, ascending."""

    engine: str
    points: tuple[Point, ...]

    def least_for(self, recall: float) -> Point | None:
        """The fastest point that reaches it on average; None where none does."""
        reached = [point for point in self.points if point.recall >= recall]
        return min(reached, key=lambda point: (point.p50_ms, point.ef_search)) if reached else None


def measured(engine: str, index: VectorIndex, asked: Asked, efforts: Sequence[int]) -> Curve:
    """Efforts that come to the same setting are measured once."""
    points: dict[str, Point] = {}
    for effort in sorted(efforts):
        setting = _setting(index, effort, asked.k)
        if setting not in points:
            points[setting] = _point(index, asked, effort, setting)
    return Curve(engine, tuple(points.values()))


def _point(index: VectorIndex, asked: Asked, effort: int, setting: str) -> Point:
    for query in asked.queries[:_WARMED_BY]:
        index.search(query, asked.k, deadline=None, ef_search=effort)
    recalls, spent_ms = [], []
    for query, truth in zip(asked.queries, asked.truths, strict=True):
        began = time.perf_counter()
        found, _ = index.search(query, asked.k, deadline=None, ef_search=effort)
        spent_ms.append((time.perf_counter() - began) * 1000)
        hits = truth.hits(asked.table, query, found, deadline=None)
        recalls.append(hits / len(truth.ids) if len(truth.ids) else 1.0)
    return Point(
        ef_search=effort,
        setting=setting,
        recall=round(float(np.mean(recalls)), 5),
        worst=round(float(np.quantile(recalls, 0.05)), 5),
        p50_ms=round(float(np.median(spent_ms)), 3),
        p95_ms=round(float(np.quantile(spent_ms, 0.95)), 3),
    )


def _setting(index: VectorIndex, effort: int, k: int) -> str:
    if isinstance(index, PgVectorIndex):
        return f"ef_search {pgvector_effort(k, effort)}"
    if isinstance(index, SnapshotIndex):
        rows, lists = index.opened.index.ntotal, getattr(index.opened.index, "nlist", 0)
        if lists:
            return f"nprobe {nprobe_of(max(effort, k), k, rows, lists)} of {lists}"
    return f"efSearch {max(effort, k)}"

"""One library measured, in a process of its own so that its memory is its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import psutil

from benchmarks.ann.libraries import Annoy, Faiss, Library, Scann, Usearch, Voyager
from benchmarks.ann.pgvector import PgVector

LIBRARIES: dict[str, Callable[[], Library]] = {
    "pgvector HNSW halfvec": PgVector,
    "FAISS HNSW fp16": lambda: Faiss("hnsw"),
    "FAISS IVF-PQ 64": lambda: Faiss("ivfpq"),
    "ScaNN": Scann,
    "USearch HNSW f16": Usearch,
    "Voyager HNSW f32": Voyager,
    "Annoy": Annoy,
}
_WARMED_BY = 20


@dataclass(frozen=True, slots=True)
class Point:
    effort: int
    recall: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """points: by effort; absent: why nothing was measured."""

    name: str
    build_s: float = 0.0
    memory_mb: float = 0.0
    points: tuple[Point, ...] = ()
    absent: str = ""

    def at(self, recall: float) -> Point | None:
        """The least effort that reaches it."""
        return next((point for point in self.points if point.recall >= recall), None)


def measure(name: str, folder: str, k: int) -> Measured:
    """`folder` holds rows.npy, queries.npy and truth.npy."""
    rows = np.load(f"{folder}/rows.npy")
    queries, truth = np.load(f"{folder}/queries.npy"), np.load(f"{folder}/truth.npy")
    library = LIBRARIES[name]()
    before = psutil.Process().memory_full_info().uss
    began = time.perf_counter()
    try:
        library.build(rows, k)
    except ImportError as error:
        return Measured(name, absent=str(error))
    build_s = time.perf_counter() - began
    held = psutil.Process().memory_full_info().uss - before
    own = getattr(library, "bytes_held", None)
    points = tuple(_point(library, queries, truth, k, effort) for effort in library.efforts)
    if close := getattr(library, "close", None):
        close()
    return Measured(name, build_s, (held if own is None else own) / 1e6, _distinct(points))


def _point(library: Library, queries: np.ndarray, truth: np.ndarray, k: int, effort: int) -> Point:
    for query in queries[:_WARMED_BY]:
        library.search(query, k, effort)
    found, spent_ms = 0, []
    for query, true in zip(queries, truth, strict=True):
        began = time.perf_counter()
        places = library.search(query, k, effort)
        spent_ms.append((time.perf_counter() - began) * 1000)
        found += np.isin(true, places).sum()
    p50, p95 = np.quantile(spent_ms, [0.5, 0.95])
    return Point(effort, float(found / truth.size), float(p50), float(p95))


def _distinct(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without efforts below k, where the library does what it does at k: only the last of equal recalls."""
    return tuple(
        point
        for place, point in enumerate(points)
        if place + 1 == len(points) or point.recall != points[place + 1].recall
    )

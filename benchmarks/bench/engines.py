"""FAISS in the process beside pgvector, on one size's database: `python -m benchmarks.bench.engines NAME FIGURES`,
in the environment of `stores`.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402, TID251  where the stores have their data

from benchmarks.bench.asking import FOUR, K, a_key, await_preloading, counted, paths  # noqa: E402
from benchmarks.bench.cold import cold_figures, measure_cold, user_of, warm_up  # noqa: E402
from benchmarks.bench.searches import Search, milliseconds, recall_at, recall_figure, searches_of  # noqa: E402
from benchmarks.bench.stand_ins import completed, snapshots_of_views  # noqa: E402
from benchmarks.figures import Figure, write_json_lines  # noqa: E402
from benchmarks.load import closed_loop  # noqa: E402
from benchmarks.servers import serving_product  # noqa: E402
from retrieval.ann import PgVectorIndex, VectorIndex  # noqa: E402
from retrieval.ann.snapshots import build_snapshot, open_now, why_due  # noqa: E402
from retrieval.types import LiveModel  # noqa: E402
from retrieval.versions import live_model  # noqa: E402

_TURNS, _PER_TURN = 6, 40
_RECALL_AT, _RECALL_QUERIES = 400, 240


@dataclass(slots=True)
class Turns:
    """Milliseconds, of one client who waits for each answer, and of the same users' searches alone."""

    pgvector: list[float] = field(default_factory=list)
    faiss: list[float] = field(default_factory=list)
    pgvector_search: list[float] = field(default_factory=list)
    faiss_search: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("figures", type=Path)
    options = parser.parse_args()
    name = options.name
    folder = Path(settings.VAR_DIR).parent
    model = live_model()
    assert model is not None, "the build promotes a model version"
    build_s = _build(model)
    snapshot = open_now(model)
    assert snapshot is not None, "it was built just now"
    figures: list[Figure] = []
    with (
        a_key() as headers,
        completed(model) as whole,
        snapshots_of_views(whole),
        serving_product(VECTOR_ENGINE="pgvector") as of_pgvector,
        serving_product(VECTOR_ENGINE="faiss") as of_faiss,
    ):
        for port in (of_pgvector, of_faiss):
            await_preloading(port)
        everybody = paths()
        turns, searches = _in_turns(of_pgvector, of_faiss, everybody, headers, snapshot=snapshot, model=model)
        for case, port, more in (
            (f"faiss-{name}", of_faiss, ""),
            (f"four-faiss-{name}", of_faiss, FOUR),
        ):
            # One iterator for all: whom one case asked about is known to the cache.
            its_paths = (path + more for path in everybody)
            run = measure_cold(port, its_paths, headers, folder=folder, model=model, k=K)
            figures += cold_figures(case, run)
        unused = counted(of_faiss, "headwater_snapshot_unused_total")
    asked = searches[:_RECALL_QUERIES]
    recalls = [
        recall_figure(
            f"engines-{name}",
            f"recall@{_RECALL_AT} of {engine}",
            recall_at(_RECALL_AT, asked, model, index=index),
        )
        for engine, index in (("pgvector", PgVectorIndex(model.vectors_table)), ("FAISS", snapshot))
    ]
    figures += engine_figures(f"engines-{name}", turns)
    figures += [
        *recalls,
        Figure("bench", f"engines-{name}", "snapshot built in", build_s, "s", 1),
        Figure("bench", f"engines-{name}", "searches without the snapshot", unused, "searches", 1),
    ]
    write_json_lines(figures, options.figures)


def engine_figures(case: str, turns: Turns) -> list[Figure]:
    """Medians of FAISS beside pgvector's, and what a cold answer saves beside what its search saves."""
    medians = {name: float(np.median(getattr(turns, name))) for name in Turns.__slots__}
    saved = medians["pgvector"] - medians["faiss"]
    saved_by_search = medians["pgvector_search"] - medians["faiss_search"]
    n = len(turns.faiss)
    return [
        Figure("bench", case, "p50_ms alone", medians["faiss"], "ms", n, medians["pgvector"]),
        Figure(
            "bench",
            case,
            "p50_ms of the search",
            medians["faiss_search"],
            "ms",
            n,
            medians["pgvector_search"],
        ),
        Figure("bench", case, "p50_ms saved", saved, "ms", n, saved_by_search),
    ]


def _build(model: LiveModel) -> float:
    """Seconds it took; of an earlier run where that one's snapshot will do."""
    began = time.perf_counter()
    if why_due(model):
        build_snapshot(model, layout="hnsw", threads=os.cpu_count() or 1)
    return time.perf_counter() - began


def _in_turns(
    of_pgvector: int,
    of_faiss: int,
    everybody: Iterator[str],
    headers: dict[str, str],
    *,
    snapshot: VectorIndex,
    model: LiveModel,
) -> tuple[Turns, list[Search]]:
    """The same users asked of both servers, who share a cache: so neither keeps what it has made."""
    turns, searches = Turns(), []
    for port in (of_pgvector, of_faiss):
        warm_up(port, everybody, headers)
    index = PgVectorIndex(model.vectors_table)
    for _ in range(_TURNS):
        for port, kept in ((of_pgvector, turns.pgvector), (of_faiss, turns.faiss)):
            some = list(islice(everybody, _PER_TURN))
            kept.extend(closed_loop(port, some, headers, clients=1).latencies_ms.tolist())
        its_searches = searches_of([user_of(path) for path in some], k=K, model=model)
        turns.pgvector_search += milliseconds(its_searches, index)
        turns.faiss_search += milliseconds(its_searches, snapshot)
        searches += its_searches
    return turns, searches


if __name__ == "__main__":
    main()

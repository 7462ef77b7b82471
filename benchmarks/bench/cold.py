"""Users whom nobody has asked about: everything is computed. In turns with the search alone, then at a fixed rate."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.bench.machine import with_cpu
from benchmarks.bench.searches import Search, milliseconds, searches_of
from benchmarks.bench.warm import joined
from benchmarks.figures import Figure
from benchmarks.load import Load, closed_loop, open_loop
from retrieval.ann import PgVectorIndex
from retrieval.types import LiveModel

# Imports, pools, prepared statements, and what Postgres has to read from the disk once.
_FIRST, _FIRST_AT_MOST = 80, 20
_HARDLY_FASTER = 0.97
_TURNS, _PER_TURN = 6, 40
_AT_ONCE, _CLIENTS = 200, 4
_OF_CEILING = 0.6
_STEADY_S, _STEADY_AT_LEAST, _STEADY_AT_MOST = 25.0, 200, 1500


@dataclass(frozen=True, slots=True)
class ColdRun:
    """alone: one client that waits for each answer; ceiling: several; steady: arrivals at a fixed rate that loads one
    core by half."""

    alone: Load
    ceiling: Load
    steady: Load
    per_second: float  # of `steady`
    cpu_ms: float  # per request, of all but the client
    searches: list[Search]
    search_ms: list[float]
    search_cpu_ms: float  # of Postgres, per search
    known: list[str]  # paths that were asked


def measure_cold(
    port: int, paths: Iterator[str], headers: dict[str, str], *, folder: Path, model: LiveModel, k: int
) -> ColdRun:
    warm_up(port, paths, headers)
    asked = [list(islice(paths, _PER_TURN)) for _ in range(_TURNS)]
    searches = [searches_of([user_of(path) for path in some], k=k, model=model) for some in asked]
    # In Postgres whatever the process could keep.
    index = PgVectorIndex(model.vectors_table)
    milliseconds(searches[0], index)
    alone: list[Load] = []
    search_ms: list[float] = []
    cpu_s = search_cpu_s = 0.0
    for some, its_searches in zip(asked, searches, strict=True):
        load, took_s = with_cpu(lambda some=some: closed_loop(port, some, headers, clients=1), folder)  # type: ignore[misc]
        alone.append(load)
        cpu_s += took_s
        times, took_s = with_cpu(lambda its=its_searches: milliseconds(its, index), folder)  # type: ignore[misc]
        search_ms += times
        search_cpu_s += took_s
    cpu_ms = 1000 * cpu_s / (_TURNS * _PER_TURN)
    crowd = list(islice(paths, _AT_ONCE))
    ceiling = closed_loop(port, crowd, headers, clients=_CLIENTS)
    # Where others take the cores, half a core of ours may be more than there is: then it would only measure a queue.
    per_second = min(500 / cpu_ms, _OF_CEILING * ceiling.per_second)
    n = int(np.clip(_STEADY_S * per_second, _STEADY_AT_LEAST, _STEADY_AT_MOST))
    steady = open_loop(port, list(islice(paths, n)), headers, per_second=per_second)
    known = [path for some in asked for path in some]
    return ColdRun(
        alone=joined(alone),
        ceiling=ceiling,
        steady=steady,
        per_second=per_second,
        cpu_ms=cpu_ms,
        searches=[search for some in searches for search in some],
        search_ms=search_ms,
        search_cpu_ms=1000 * search_cpu_s / len(search_ms),
        known=known + crowd,
    )


def warm_up(port: int, paths: Iterator[str], headers: dict[str, str]) -> None:
    """Asks about some people after others, until twice in a row their answers come hardly sooner than before."""
    fastest_ms, steady = float("inf"), 0
    for _ in range(_FIRST_AT_MOST):
        load = closed_loop(port, list(islice(paths, _FIRST)), headers, clients=_CLIENTS)
        median_ms = load.percentile_ms(50)
        steady = 0 if median_ms < _HARDLY_FASTER * fastest_ms else steady + 1
        fastest_ms = min(fastest_ms, median_ms)
        if steady == 2:
            return


def cold_figures(case: str, run: ColdRun) -> list[Figure]:
    floor_ms = float(np.median(run.search_ms))
    n = len(run.steady.latencies_ms)
    figures = [
        Figure(
            "bench", case, "throughput", run.ceiling.per_second, "requests/s", len(run.ceiling.latencies_ms)
        ),
        Figure(
            "bench",
            case,
            "p50_ms alone",
            run.alone.percentile_ms(50),
            "ms",
            len(run.alone.latencies_ms),
            floor_ms,
        ),
        Figure("bench", case, "cpu_ms", run.cpu_ms, "ms", len(run.alone.latencies_ms)),
        Figure("bench", case, "cpu_ms of the search", run.search_cpu_ms, "ms", len(run.search_ms)),
        Figure("bench", case, "steady rate", run.per_second, "requests/s", n),
    ]
    for q in (50, 95, 99):
        its_floor = float(np.percentile(run.search_ms, q))
        figures.append(Figure("bench", case, f"p{q}_ms", run.steady.percentile_ms(q), "ms", n, its_floor))
    failures = run.alone.failures + run.ceiling.failures + run.steady.failures
    return [*figures, Figure("bench", case, "failures", failures, "requests", n)]


def user_of(path: str) -> str:
    """The user whom the path asks about."""
    return path.split("/")[4]

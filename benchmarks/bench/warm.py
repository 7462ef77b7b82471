"""Warm answers beside the floor: both servers up, asked in turns, so that a noisy neighbour disturbs both alike."""

import http.client
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import redis

from benchmarks.bench.machine import with_cpu
from benchmarks.figures import Figure
from benchmarks.load import Load, closed_loop, open_loop
from benchmarks.servers import serving
from retrieval.config import config

FLOOR_KEY = "bench:floor"
_CLIENTS, _TURNS = 4, 5


@dataclass(frozen=True, slots=True)
class Turns:
    """One load per turn, of the product and of the bare view."""

    ours: list[Load] = field(default_factory=list)
    floor: list[Load] = field(default_factory=list)
    # CPU milliseconds per request of everything but the client: servers, Postgres, Valkey.
    ours_cpu_ms: list[float] = field(default_factory=list)
    floor_cpu_ms: list[float] = field(default_factory=list)


def joined(loads: list[Load]) -> Load:
    return Load(
        np.concatenate([load.latencies_ms for load in loads]),
        sum(load.seconds for load in loads),
        sum(load.failures for load in loads),
    )


def warm_turns(
    port: int,
    paths: list[str],
    headers: dict[str, str],
    *,
    size: int,
    clients: int,
    turns: int,
    folder: Path,
    server: str,
) -> Turns:
    """`paths` are asked of the product at `port` and as often of a bare view with one GET of `size` bytes."""
    redis.Redis.from_url(config().redis_url).set(FLOOR_KEY, b"x" * size, ex=1800)
    measured = Turns()
    with serving(
        "benchmarks.bench.floor_site:application", "/floor", server=server, FLOOR_REDIS_URL=config().redis_url
    ) as floor_port:
        bare = ["/floor"] * len(paths)
        closed_loop(floor_port, bare[:50], {}, clients=clients)
        for _ in range(turns):
            load, cpu_s = with_cpu(lambda: closed_loop(port, paths, headers, clients=clients), folder)
            measured.ours.append(load)
            measured.ours_cpu_ms.append(1000 * cpu_s / len(paths))
            load, cpu_s = with_cpu(lambda: closed_loop(floor_port, bare, {}, clients=clients), folder)
            measured.floor.append(load)
            measured.floor_cpu_ms.append(1000 * cpu_s / len(bare))
    return measured


def warm_figures(
    case: str, port: int, paths: list[str], headers: dict[str, str], *, folder: Path, server: str
) -> list[Figure]:
    """Ready answers beside the bare view, and what either costs in CPU besides the client."""
    closed_loop(port, paths, headers, clients=_CLIENTS)
    size = _bytes_of(port, paths[0], headers)
    turns = warm_turns(
        port, paths, headers, size=size, clients=_CLIENTS, turns=_TURNS, folder=folder, server=server
    )
    ours, floor = joined(turns.ours), joined(turns.floor)
    cpu_ms, floor_cpu_ms = float(np.median(turns.ours_cpu_ms)), float(np.median(turns.floor_cpu_ms))
    # Filters and excludes have no ready answer: the list that is kept is filtered and written anew.
    filtered = [f"{path}&exclude=none" for path in paths]
    arrays, arrays_cpu_s = with_cpu(lambda: closed_loop(port, filtered, headers, clients=_CLIENTS), folder)
    per_second = min(500 / cpu_ms, 0.6 * ours.per_second)  # as in `measure_cold`
    steady = open_loop(port, paths * 2, headers, per_second=per_second)
    n = len(ours.latencies_ms)
    figures = [
        Figure("bench", case, "throughput", ours.per_second, "requests/s", n, floor.per_second),
        Figure("bench", case, "cpu_ms", cpu_ms, "ms", n, floor_cpu_ms),
        Figure("bench", case, "steady rate", per_second, "requests/s", len(steady.latencies_ms)),
        Figure(
            "bench",
            case,
            "cpu_ms of kept candidates",
            1000 * arrays_cpu_s / len(filtered),
            "ms",
            len(filtered),
        ),
        Figure(
            "bench", case, "throughput of kept candidates", arrays.per_second, "requests/s", len(filtered)
        ),
        Figure("bench", case, "bytes", size, "bytes", 1),
    ]
    for q in (50, 95, 99):
        value = steady.percentile_ms(q)
        figures.append(Figure("bench", case, f"p{q}_ms", value, "ms", len(steady.latencies_ms)))
    return [*figures, Figure("bench", case, "failures", ours.failures + steady.failures, "requests", n)]


def _bytes_of(port: int, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    return len(connection.getresponse().read())

"""Warm answers beside the floor: both servers up, asked in turns, so that a noisy neighbour disturbs both alike."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import psutil
import redis
from django.conf import settings  # noqa: TID251  where the stores have their data

from benchmarks.load import Load, closed_loop
from benchmarks.servers import serving
from retrieval.config import config

FLOOR_KEY = "bench:floor"


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
    port: int, paths: list[str], headers: dict[str, str], *, size: int, clients: int, turns: int, server: str
) -> Turns:
    """`paths` are asked of the product at `port` and as often of a bare view with one GET of `size` bytes."""
    redis.Redis.from_url(config().redis_url).set(FLOOR_KEY, b"x" * size, ex=1800)
    measured = Turns()
    with serving(
        "benchmarks.floor_site:application", "/floor", server=server, FLOOR_REDIS_URL=config().redis_url
    ) as floor_port:
        bare = ["/floor"] * len(paths)
        closed_loop(floor_port, bare[:50], {}, clients=clients)
        for _ in range(turns):
            load, cpu_ms = _with_cpu(lambda: closed_loop(port, paths, headers, clients=clients))
            measured.ours.append(load)
            measured.ours_cpu_ms.append(cpu_ms)
            load, cpu_ms = _with_cpu(lambda: closed_loop(floor_port, bare, {}, clients=clients))
            measured.floor.append(load)
            measured.floor_cpu_ms.append(cpu_ms)
    return measured


def _with_cpu(run: Callable[[], Load]) -> tuple[Load, float]:
    """(the load, CPU milliseconds per request that the servers below this process and its stores took)"""
    before = _cpu_s()
    load = run()
    after = _cpu_s()
    spent = sum(after[pid] - before.get(pid, 0.0) for pid in after)
    return load, spent * 1000 / len(load.latencies_ms)


def _cpu_s() -> dict[int, float]:
    """CPU seconds so far, by process id, of what answers: our children and this installation's stores."""
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    spent = {}
    for process in psutil.process_iter(["pid", "cmdline", "cpu_times", "cwd"]):
        info = process.info
        if info["pid"] in ours or _is_store(info):
            times = info["cpu_times"]
            spent[info["pid"]] = times.user + times.system if times else 0.0
    return spent


def _is_store(info: dict[str, object]) -> bool:
    return str(info["cwd"] or "").startswith(str(settings.VAR_DIR))

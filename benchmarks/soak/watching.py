"""What the product's processes hold while it runs: memory of each, and connections of Postgres and the cache."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import psycopg
import redis

from benchmarks.faults.product import Product

_EVERY_S = 3.0
_MB = 1_048_576
# Of a window at either end; the median of it is not moved by what comes and goes.
_WINDOW_SHARE, _FEWEST = 0.15, 5


@dataclass(frozen=True, slots=True)
class Life:
    """One process (a server with its children counts as one): when it was looked at, monotonic, and the memory that is
    its own, in MB: no files and nothing that is meant to be shared, as Postgres's buffers are."""

    role: str
    at: list[float]
    own_mb: list[float]

    def between(self, since: float, until: float) -> "Life":
        kept = [n for n, at in enumerate(self.at) if since <= at <= until]
        return Life(self.role, [self.at[n] for n in kept], [self.own_mb[n] for n in kept])

    def ends_mb(self) -> tuple[float, float]:
        """Medians of the first and the last samples."""
        return ends(self.own_mb)


def ends(values: Sequence[float]) -> tuple[float, float]:
    """Medians of the first and the last of them. Raises ValueError for too few to say."""
    if len(values) < 2 * _FEWEST:
        raise ValueError(f"{len(values)} samples are too few to compare ends: run for longer.")
    window = max(_FEWEST, int(len(values) * _WINDOW_SHARE))
    return float(np.median(values[:window])), float(np.median(values[-window:]))


class Watcher:
    """Looks every few seconds from `start` to `stop`. `lives` by process, `connections` by server: (at, how many)."""

    def __init__(self, product: Product, postgres_url: str, cache_url: str) -> None:
        self._product, self._postgres_url, self._cache_url = product, postgres_url, cache_url
        self.lives: dict[tuple[str, int, float], Life] = {}
        self.connections: dict[str, list[tuple[float, float]]] = {"postgres": [], "cache": []}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_EVERY_S):
            at = time.monotonic()
            for role, processes in _by_role(self._product):
                with suppress(psutil.Error, OSError):
                    first = processes[0]
                    own_mb = sum(map(_own_mb, processes))
                    key = (role, first.pid, first.create_time())
                    life = self.lives.setdefault(key, Life(role, [], []))
                    life.at.append(at)
                    life.own_mb.append(own_mb)
            self.connections["postgres"].append((at, self._of_postgres()))
            self.connections["cache"].append((at, self._of_the_cache()))

    def _of_postgres(self) -> int:
        """Without the one that asks."""
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(self._postgres_url) as connection:
            row = connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _of_the_cache(self) -> int:
        with redis.Redis.from_url(self._cache_url) as client:
            return int(client.info("clients")["connected_clients"]) - 1


def _own_mb(process: psutil.Process) -> float:
    """What a fork still has in common with its parent is among it: copied when it is first written to, it would look
    as if the fork had grown. Where the system does not tell, without that."""
    status = Path(f"/proc/{process.pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    anonymous = next((line.split()[1] for line in lines if line.startswith("RssAnon:")), None)
    return float(process.memory_full_info().uss) / _MB if anonymous is None else int(anonymous) / 1024


def _by_role(product: Product) -> list[tuple[str, list[psutil.Process]]]:
    """Each process of the product with its role; a server with its children, whose own ones come and go."""
    found: list[tuple[str, list[psutil.Process]]] = [("web's first", [product.web()])]
    found += [("web", [process]) for process in product.web_processes()]
    for role, word in (("worker", "worker@%h"), ("trainer", "trainer@%h"), ("beat", "beat")):
        processes = product.celery(word)
        pids = {process.pid for process in processes}
        for process in processes:
            with suppress(psutil.Error):
                found.append((f"{role}'s child" if process.ppid() in pids else role, [process]))
    for server in ("postgres", "cache", "broker"):
        if processes := product.processes_of(server):
            found.append((server, processes))
    return found

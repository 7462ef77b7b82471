"""An HTTP load of our own: closed loop for the ceiling, open loop for latency."""

import http.client
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Load:
    """latencies_ms: float64 [n]; seconds: how long the load lasted; failures: answers other than 200."""

    latencies_ms: NDArray[np.float64]
    seconds: float
    failures: int

    @property
    def per_second(self) -> float:
        return len(self.latencies_ms) / self.seconds

    def percentile_ms(self, q: float) -> float:
        return float(np.percentile(self.latencies_ms, q))


def closed_loop(port: int, paths: Sequence[str], headers: dict[str, str], *, clients: int) -> Load:
    """Each client asks again as soon as it has its answer; all paths are asked once."""
    return _run(port, [(path, None) for path in paths], headers, clients)


def open_loop(port: int, paths: Sequence[str], headers: dict[str, str], *, per_second: float) -> Load:
    """Requests are due at a fixed rate, and late ones count from when they were due: a server that stalls is not
    spared the requests that would have come meanwhile."""
    start = time.perf_counter() + 0.05
    return _run(port, [(path, start + i / per_second) for i, path in enumerate(paths)], headers, clients=32)


def _run(port: int, work: Sequence[tuple[str, float | None]], headers: dict[str, str], clients: int) -> Load:
    todo: queue.SimpleQueue[tuple[str, float | None] | None] = queue.SimpleQueue()
    for one in [*work, *[None] * clients]:
        todo.put(one)
    latencies: list[float] = []
    failures: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (one := todo.get()) is not None:
            path, due = one
            if due is not None:
                time.sleep(max(0.0, due - time.perf_counter()))
            began = time.perf_counter() if due is None else due
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            latencies.append((time.perf_counter() - began) * 1000)
            if response.status != 200:
                failures.append(response.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(np.array(latencies), time.perf_counter() - began, len(failures))

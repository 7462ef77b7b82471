"""Work on many chunks by several processes, its results in order."""

import gc
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

import django
from django.db import connections
from threadpoolctl import threadpool_limits

from retrieval.config import overridden

Given = TypeVar("Given")
Result = TypeVar("Result")

# Chunks on their way per process: enough that none waits, few enough that a slow disk holds up the rest.
_AHEAD = 4
# A process works on one user at a time: threads for sources or sums would only get in the others' way.
_OF_A_PROCESS = {"source_threads": 0, "hot_pool_size": 2}
# What a process has for as long as it lives.
_for_good = ExitStack()


def available_processes() -> int:
    """One per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[Given], Result], chunks: Iterable[Given], *, processes: int) -> Iterator[Result]:
    """The result of `work` for each chunk, in their order; only a few are taken from `chunks` at a time.

    processes: 0 works in this one. `work`, its chunks and its results must be picklable where there are any. Raises
    what `work` raises.
    """
    if not processes:
        yield from map(work, chunks)
        return
    # Forked where that is safe: everything is imported already, which takes as long as answering 200 users.
    start = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(processes, mp_context=start, initializer=_begin) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(work, chunk))
                if len(waiting) >= _AHEAD * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _begin() -> None:
    """Makes a new process ready: what it was forked with and must not share is let go, unclosed."""
    django.setup()
    for connection in connections.all(initialized_only=True):
        # Closing it would end the session of the process that it belongs to.
        connection.connection = None
    _for_good.enter_context(overridden(**_OF_A_PROCESS))
    _for_good.enter_context(threadpool_limits(1))
    # What is there by now stays: no collection need look through it again.
    gc.collect()
    gc.freeze()

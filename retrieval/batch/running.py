"""Chunks of users to several processes and their answers, in order, into one file."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import django

from retrieval.batch.answering import Chunk, Question, answer_chunk
from retrieval.batch.encoding import writing

_USERS_AT_ONCE = 16
# Chunks on their way per process: enough that none waits, few enough that a slow disk holds up the rest.
_AHEAD = 4
# A process works on one user at a time: threads for sources or sums would only get in the others' way.
_PROCESS_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "SOURCE_THREADS": "0", "HOT_POOL_SIZE": "2"}


@dataclass(slots=True)
class Tally:
    """How many users were answered; of them strangers, answers that lack a source's help, and short ones."""

    users: int = 0
    unknown: int = 0
    degraded: int = 0
    short: int = 0

    def add(self, chunk: Chunk) -> None:
        self.users += chunk.users
        self.unknown += chunk.unknown
        self.degraded += chunk.degraded
        self.short += chunk.short


def run(
    users: Iterable[str],
    question: Question,
    out: Path,
    *,
    processes: int,
    on_progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """One row per user in `out`, in the order of `users`, of which only a few are held at a time.

    processes: 0 works in this one. Raises RetrievalError; then `out` is as it was.
    """
    tally = Tally()
    chunks = _chunks(users)
    answered = (
        _answered(chunks, question, processes)
        if processes
        else (answer_chunk(chunk, question) for chunk in chunks)
    )
    with writing(out) as sink:
        for chunk in answered:
            sink.write(chunk.encoded)
            tally.add(chunk)
            on_progress(tally)
    return tally


def available_processes() -> int:
    """One per core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunks(users: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(users)
    while chunk := list(islice(remaining, _USERS_AT_ONCE)):
        yield chunk


def _answered(chunks: Iterable[list[str]], question: Question, processes: int) -> Iterator[Chunk]:
    for name, value in _PROCESS_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # Spawned: a fork would share this process's connections and locks.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=django.setup) as pool:
        waiting: deque[Future[Chunk]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(answer_chunk, chunk, question))
                if len(waiting) >= _AHEAD * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

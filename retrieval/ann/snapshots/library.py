"""FAISS, loaded where it is used: who searches in Postgres pays neither its memory nor its start."""

import logging
import threading
from functools import cache
from importlib import import_module
from typing import Any

_threads = threading.local()


@cache
def faiss() -> Any:
    """The module. Raises ImportError where faiss-cpu is not installed."""
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)  # it tells which instructions it tried
    return import_module("faiss")


def use_threads(n: int) -> None:
    """What the calling thread asks of FAISS uses `n` threads from now on. OpenMP keeps that number per thread: set once
    when a process starts, it would hold for no thread that answers requests."""
    if getattr(_threads, "n", None) != n:
        faiss().omp_set_num_threads(n)
        _threads.n = n

"""How long this process's threads wait for one answer on Django's connection.

Without a word here as long as it takes: migrations, imports, workers and commands have statements of hours.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class _OfThread(threading.local):
    until: float | None = None  # time.monotonic()


_of_thread = _OfThread()
_of_process_s: float | None = None


def limit_process(seconds: float) -> None:
    """For all threads of this process that say nothing of their own."""
    global _of_process_s  # noqa: PLW0603
    _of_process_s = seconds


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Within the block this thread waits so long at the most, all its statements together."""
    _of_thread.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _of_thread.until = None


def patience_s() -> float | None:
    """How long to wait from now; None for as long as it takes."""
    until = _of_thread.until
    return _of_process_s if until is None else max(0.0, until - time.monotonic())

"""What is written beside requests, which wait for nothing: a bounded queue, and one thread that empties it."""

import os
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
_FAREWELL_S = 5.0
_alive: "weakref.WeakSet[Beside[object]]" = weakref.WeakSet()
_farewells: list[Callable[[], None]] = []
_says_goodbye = 0  # the process that does when it ends


def per_process(make: Callable[[], T]) -> Callable[[], T]:
    """What `make` makes at first use in this process: threads and locks don't survive a fork."""
    made: dict[int, T] = {}

    def own() -> T:
        pid = os.getpid()
        if pid not in made:
            made.setdefault(pid, make())
        return made[pid]

    return own


class Beside(Generic[T]):
    """write: stores several entries at once and never raises. drop: told of an entry for which there was no room.

    What still waits when the process ends in order is stored. Keep one of these `per_process`.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], None],
        *,
        name: str,
        drop: Callable[[T], None],
        waiting: int = 1000,
        at_once: int = 20,
    ) -> None:
        self._write, self._drop, self._name, self._at_once = write, drop, name, at_once
        self._queue: queue.Queue[T] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        _remember(self)  # type: ignore[arg-type]  # it is only ever flushed

    def add(self, entry: T) -> bool:
        """False where the queue is full."""
        try:
            self._queue.put_nowait(entry)
        except queue.Full:
            self._drop(entry)
            return False
        if self._thread is None or not self._thread.is_alive():
            self._start()
        return True

    def flush(self) -> None:
        """Stores in this thread what waits now."""
        while batch := self._waiting():
            self._write(batch)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            self._write([first, *self._waiting()])
            if self._queue.empty():
                connections.close_all()

    def _waiting(self) -> list[T]:
        batch: list[T] = []
        while len(batch) < self._at_once:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch


def before_the_end(store: Callable[[], None]) -> None:
    """Has it called when this process ends in order, by a thread that nobody waits for longer than a moment."""
    _expect_the_end()
    _farewells.append(store)


def _remember(beside: Beside[object]) -> None:
    _expect_the_end()
    _alive.add(beside)


def _expect_the_end() -> None:
    global _says_goodbye  # noqa: PLW0603
    if _says_goodbye != os.getpid():
        _says_goodbye = os.getpid()
        # What a parent's hold is the parent's to store.
        _alive.clear()
        _farewells.clear()
        # A forked process, as a web process is, ends without `atexit`.
        Finalize(None, _say_goodbye, exitpriority=0)


def _say_goodbye() -> None:
    last = [*(one.flush for one in list(_alive)), *_farewells]
    threads = [threading.Thread(target=store, daemon=True) for store in last]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_FAREWELL_S)

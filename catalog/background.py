"""What is written beside requests, which wait for nothing: a bounded queue, and one thread that empties it."""

import atexit
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connections

T = TypeVar("T")
_FAREWELL_S = 5.0
_alive: "weakref.WeakSet[Beside[object]]" = weakref.WeakSet()


class Beside(Generic[T]):
    """write: stores several entries at once and never raises. drop: told of an entry for which there was no room.

    A thread doesn't survive a fork: keep one of these per process.
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
        _alive.add(self)  # type: ignore[arg-type]  # it is only ever flushed

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


@atexit.register
def _say_goodbye() -> None:
    """What still waits when the process ends is stored, but for no longer than a moment."""
    threads = [threading.Thread(target=one.flush, daemon=True) for one in list(_alive)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_FAREWELL_S)

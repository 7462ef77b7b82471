"""Single flight within the process: of those who miss the same value at once, one computes it."""

import os
import threading
from collections.abc import Hashable

from retrieval.cache.packing import Kept

_flights: "dict[int, Flights]" = {}  # by process id: a fork may happen while a lock is held


class Flight:
    """A value on its way. What lands is None where it is not good enough to be shared."""

    def __init__(self) -> None:
        self._landed = threading.Event()
        self._kept: Kept | None = None

    def wait(self, timeout_s: float) -> Kept | None:
        """The value; None where there is none within the time."""
        self._landed.wait(max(timeout_s, 0.0))
        return self._kept

    def land(self, kept: Kept | None) -> None:
        self._kept = kept
        self._landed.set()


class Flights:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Flight] = {}

    def join(self, name: Hashable) -> tuple[Flight, bool]:
        """(the flight of that name; whether the caller is the one to compute, and then to `land` it whatever
        happens)"""
        with self._lock:
            flight = self._under_way.get(name)
            if flight is not None:
                return flight, False
            flight = self._under_way[name] = Flight()
            return flight, True

    def land(self, name: Hashable, kept: Kept | None) -> None:
        with self._lock:
            flight = self._under_way.pop(name)
        flight.land(kept)


def flights() -> Flights:
    """This process's."""
    pid = os.getpid()
    if pid not in _flights:
        _flights.setdefault(pid, Flights())
    return _flights[pid]

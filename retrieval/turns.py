"""Jobs of one request by turns in one thread: while one waits for Postgres, the next one computes.

A thread for each does no more, since one at a time has the interpreter, and costs more: what returns from a wait has to
get the interpreter back from whoever computes, up to a millisecond each time.
"""

import select
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
_POLLED_FOR = {False: select.POLLIN, True: select.POLLIN | select.POLLOUT}
_A_MOMENT_S = 0.001


@dataclass(frozen=True, slots=True)
class _Wait:
    until: float  # time.monotonic(); infinite where nothing limits it
    socket: int | None  # None: only for that moment, or for another's turn


class _Own(threading.local):
    rota: "_Rota[Any] | None" = None
    undisturbed = False


_own = _Own()


def by_turns(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """What each gives, in their order; they begin in it as well, each with this thread's context variables.

    One whose socket has something goes on before another begins: it may have more to ask. Raises, when all have ended,
    what the first raised that did.
    """
    if _own.rota is not None:
        return [job() for job in jobs]
    rota = _Rota(jobs)
    _own.rota = rota
    try:
        return rota.run()
    finally:
        _own.rota = None


def wait_for(socket: int, *, unsent: bool, within_s: float | None) -> tuple[bool, bool]:
    """Whether the socket has something to read, and takes what is `unsent`; neither once the time is over. Others have
    their turn meanwhile."""
    rota = _own_rota()
    if rota is None:
        readable, writable, _ = select.select([socket], [socket] if unsent else [], [], within_s)
        return bool(readable), bool(writable)
    until = float("inf") if within_s is None else time.monotonic() + within_s
    return rota.hand_over(_Wait(until, socket), unsent=unsent)


def takes_turns() -> bool:
    """Whether this code has to let others go on, rather than wait for what one of them may hold."""
    return _own_rota() is not None


def let_others_go_on() -> None:
    """Until one of them has, or for a moment."""
    rota = _own_rota()
    if rota is not None:
        rota.hand_over(_Wait(time.monotonic() + _A_MOMENT_S, None))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block nobody else has a turn: for who waits with a lock in hand that another may want."""
    before, _own.undisturbed = _own.undisturbed, True
    try:
        yield
    finally:
        _own.undisturbed = before


def _own_rota() -> "_Rota[Any] | None":
    """None where waiting is just waiting."""
    rota = _own.rota
    return None if rota is None or _own.undisturbed or not rota.has(getcurrent()) else rota


class _Rota(Generic[T]):
    def __init__(self, jobs: Sequence[Callable[[], T]]) -> None:
        self._workers = [greenlet(partial(self._do, place, job)) for place, job in enumerate(jobs)]
        self._home = getcurrent()
        self._given: dict[int, T] = {}
        self._raised: dict[int, BaseException] = {}
        self._waiting: dict[greenlet, _Wait] = {}
        self._poll = select.poll()

    def has(self, worker: greenlet) -> bool:
        return worker in self._workers

    def run(self) -> list[T]:
        try:
            for worker in self._workers:
                worker.gr_context = copy_context()
                worker.switch()
                self._go_on(within_s=0.0)
            while self._waiting:
                self._go_on(within_s=self._patience_s())
        finally:
            # Something but a job was interrupted: they end here, and close what they wait for.
            for worker in list(self._waiting):
                worker.throw()
        if self._raised:
            raise self._raised[min(self._raised)]
        return [self._given[place] for place in range(len(self._workers))]

    def hand_over(self, wait: _Wait, *, unsent: bool = False) -> tuple[bool, bool]:
        """Called by a job: returns when it goes on."""
        worker = getcurrent()
        self._waiting[worker] = wait
        if wait.socket is not None:
            self._poll.register(wait.socket, _POLLED_FOR[unsent])
        try:
            happened: int = self._home.switch()
        finally:
            self._waiting.pop(worker, None)
            if wait.socket is not None:
                self._poll.unregister(wait.socket)
        writable = bool(happened & select.POLLOUT)
        # What broke shows when it is read.
        return bool(happened & ~select.POLLOUT), writable

    def _do(self, place: int, job: Callable[[], T]) -> None:
        try:
            self._given[place] = job()
        except BaseException as error:  # noqa: BLE001  raised again in `run`
            self._raised[place] = error

    def _go_on(self, *, within_s: float) -> None:
        """Those for whom something happened, and those whose time is over."""
        if not self._waiting:
            return
        happened = dict(self._poll.poll(within_s * 1000))
        now = time.monotonic()
        for worker, wait in list(self._waiting.items()):
            moved = 0 if wait.socket is None else happened.get(wait.socket, 0)
            if moved or now >= wait.until or (wait.socket is None and happened):
                worker.switch(moved)

    def _patience_s(self) -> float:
        return min(3600.0, max(0.0, min(wait.until for wait in self._waiting.values()) - time.monotonic()))

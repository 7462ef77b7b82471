"""What a process knows of a table that seldom changes: a copy, at most so many seconds old.

One thread reads it anew, the others go on with what was known last, also while Postgres is away or hangs. In a web
process that thread stands beside the requests (`keep_fresh`), so that none of them waits for what is known already.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, Protocol, TypeVar

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections

T = TypeVar("T")
Patience = Callable[[], AbstractContextManager[None]]
FRESH_S = 1.0
# Twice in what it may be old: a reading may itself take a moment.
_EVERY_S = 0.5
_looked_after_in = 0  # the process whose copies a thread keeps fresh
log = structlog.get_logger(__name__)


class Refreshed(Protocol):
    """What the thread looks after."""

    def refresh(self) -> None:
        """Reads anew what is known, unless somebody is at it."""

    def begin_anew(self) -> None:
        """In the child of a fork: another thread of the parent's may have held the lock."""


_all: "weakref.WeakSet[Refreshed]" = weakref.WeakSet()


def look_after(refreshed: Refreshed) -> None:
    _all.add(refreshed)


class Kept(Generic[T]):
    """`read`: what is stored this moment; may raise Django's database errors."""

    def __init__(self, read: Callable[[], T], *, fresh_s: float = FRESH_S) -> None:
        self._read, self._fresh_s = read, fresh_s
        self._known: tuple[T] | None = None
        self._was_read = False
        self._looked_at = float("-inf")  # time.monotonic()
        self._forgotten = 0
        self._asking = threading.Lock()
        look_after(self)

    def get(self) -> T:
        """Raises what `read` does only where nothing is known."""
        known = self._known
        if known is None:
            return self._first()
        if _looked_after_in != os.getpid() and self._is_old() and self._asking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._asking.release()
        return known[0] if (known := self._known) else self._first()

    def fresh(self) -> T:
        """As stored this moment, for who has reason to think that it changed. Raises what `read` does."""
        before = self._forgotten
        value = self._read()
        self._keep(value, before)
        return value

    def take_as_known(self, value: T) -> None:
        """`value` is said until the first reading, where this process has read nothing yet: it is what another one
        left behind."""
        if self._known is None and not self._was_read:
            self._known = (value,)  # and old from the beginning

    def forget(self) -> None:
        """The next call reads: something was changed here, or a transaction that changed it was rolled back."""
        self._forgotten += 1
        self._known = None

    def refresh(self) -> None:
        if self._known is not None and self._asking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._asking.release()

    def begin_anew(self) -> None:
        self._asking = threading.Lock()

    def _first(self) -> T:
        with self._asking:
            known = self._known
            if known is None:
                return self.fresh()
            return known[0]

    def _look(self) -> None:
        before = self._forgotten
        try:
            value = self._read()
        except DatabaseError:
            # What was known last goes on being true, as far as anybody can tell.
            self._looked_at = time.monotonic()
            return
        self._keep(value, before)

    def _keep(self, value: T, before: int) -> None:
        self._was_read = True
        # What was read before it was told to forget may be from before the change.
        if self._forgotten == before:
            self._known, self._looked_at = (value,), time.monotonic()

    def _is_old(self) -> bool:
        return time.monotonic() - self._looked_at > self._fresh_s


def keep_fresh(patience: Patience = nullcontext) -> None:
    """From now on a thread of this process keeps all its copies fresh, and who asks for one waits for nothing.

    patience: entered around each reading, to bound how long it may wait.
    """
    global _looked_after_in  # noqa: PLW0603
    if _looked_after_in != os.getpid():
        _looked_after_in = os.getpid()
        threading.Thread(target=_run, args=(patience,), name="kept", daemon=True).start()


def refresh_all(patience: Patience = nullcontext) -> None:
    """One round of what the thread does."""
    for kept in list(_all):
        try:
            with patience():
                kept.refresh()
        except Exception:
            log.exception("a copy could not be read anew")
    # One that broke is made anew in the next round.
    close_old_connections()


def _run(patience: Patience) -> None:
    while True:
        time.sleep(_EVERY_S)
        refresh_all(patience)


def _in_a_child() -> None:
    for kept in list(_all):
        kept.begin_anew()


os.register_at_fork(after_in_child=_in_a_child)

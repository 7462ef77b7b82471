"""What a request leaves to be done once its answer is out: nobody waits until caches are filled.

Outside of `answering` everything is done at once, so that a script or a test finds what it has just made.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cache, partial

import structlog

log = structlog.get_logger(__name__)

# Sending the answer comes first, and needs the interpreter for about as long.
_ANSWER_FIRST_S = 0.003
# Who is that much behind does the work as it comes.
_MOST_LEFT = 256
_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    name: str
    work: Callable[[], None]
    done: threading.Event = field(default_factory=threading.Event)


class Turn:
    """One request's: what it leaves. Its sources' threads add to it as well, until it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: list[_Task] | None = []

    def takes(self, task: _Task) -> bool:
        """False where the turn has ended."""
        with self._lock:
            if self._tasks is None:
                return False
            self._tasks.append(task)
            return True

    def ended(self) -> list[_Task]:
        with self._lock:
            tasks, self._tasks = self._tasks or [], None
            return tasks


class _Own(threading.local):
    turn: Turn | None = None


_own = _Own()
# What is not done yet, by name: who wants to read it waits for it.
_left: dict[str, _Task] = {}


@contextmanager
def answering() -> Iterator[None]:
    """What the block leaves to `later` is done after it, by a thread of its own."""
    turn = Turn()
    with lent(turn):
        try:
            yield
        finally:
            if tasks := turn.ended():
                _worker(os.getpid()).submit(_work_off, tasks)


def current() -> Turn | None:
    """This thread's, to be lent to one that works for the same request."""
    return _own.turn


@contextmanager
def lent(turn: Turn | None) -> Iterator[None]:
    """Within the block, this thread leaves its work to that turn."""
    before, _own.turn = _own.turn, turn
    try:
        yield
    finally:
        _own.turn = before


def later(name: str, work: Callable[[], None]) -> None:
    """Does it: now, or within `answering` once the answer is out, after what was left before it."""
    # What it logs then has the request's id.
    task = _Task(name, partial(copy_context().run, work))
    if _own.turn is None or len(_left) >= _MOST_LEFT or not _own.turn.takes(task):
        work()
    else:
        _left[name] = task


def settled(name: str) -> None:
    """Waits until what was left under that name is done, so that a user's next request finds what the last one made.
    Costs nothing where nothing is."""
    task = _left.get(name)
    if task is not None:
        task.done.wait(_PATIENCE_S)


@cache
def _worker(_pid: int) -> ThreadPoolExecutor:
    """Made at first use in each process: threads don't survive a fork. One thread, so that order stays."""
    return ThreadPoolExecutor(1, thread_name_prefix="afterwards")


def _work_off(tasks: list[_Task]) -> None:
    time.sleep(_ANSWER_FIRST_S)
    for task in tasks:
        try:
            task.work()
        except Exception:
            log.exception("left work failed", name=task.name)
        finally:
            if _left.get(task.name) is task:
                del _left[task.name]
            task.done.set()

"""What one request or task asks its stores, noted where somebody records it for a trace; else nothing is.

A context variable, so that a source's thread, which is given the request's context, notes for the same request.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_MOST_CALLS = 500  # a task may ask a store a million times
_LONGEST = 300
_LITERALS = re.compile(r"'(?:[^']|'')*'|(?<![\w.$])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoreCall:
    """began, ended: by time.perf_counter. within: the source that asked; empty: the request itself."""

    store: str
    what: str
    began: float
    ended: float
    within: str
    failed: bool


@dataclass(slots=True)
class Recording:
    """One request's or task's, appended to by all its threads. progresses: of answers that it made."""

    calls: list[StoreCall] = field(default_factory=list)
    progresses: list[Any] = field(default_factory=list)
    left_out: int = 0

    @contextmanager
    def call(self, store: str, what: str) -> Iterator[None]:
        began, failed = time.perf_counter(), True
        try:
            yield
            failed = False
        finally:
            if len(self.calls) < _MOST_CALLS:
                self.calls.append(StoreCall(store, what, began, time.perf_counter(), WITHIN.get(), failed))
            else:
                self.left_out += 1


RECORDING: ContextVar[Recording | None] = ContextVar("headwater_recording", default=None)
WITHIN: ContextVar[str] = ContextVar("headwater_within", default="")


def without_values(statement: str) -> str:
    """A statement's shape: no text and no number that somebody wrote into it."""
    return _LITERALS.sub("?", " ".join(statement[: 4 * _LONGEST].split()))[:_LONGEST]

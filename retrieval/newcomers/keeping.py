"""The process's copy of what is tried: read anew beside the requests, which never wait for it."""

import os
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from coldstart.bandit.budget import Spent
from coldstart.exploration.arms import Newcomers, nobody_new
from coldstart.exploration.config import config as exploration
from coldstart.exploration.reading import SEGMENTS, TRIALS, VERSION, newcomers_from, trial_values
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import RetrievalError

_FRESH_S = 3.0
_PATIENCE_MS = 5_000
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kept:
    newcomers: Newcomers = field(default_factory=nobody_new)
    looked_at: float = float("-inf")  # time.monotonic()
    looking: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[int, _Kept] = {}  # by process id: a fork may happen while a lock is held


def current_newcomers(deadline: Deadline) -> Newcomers:
    """What was tried some seconds ago; nothing in a process's first moment. Waits for nothing.

    Only a process that shares its connection with an open transaction reads each time, within `deadline`: what it
    sees there belongs to it alone, and may be rolled back.
    """
    if not config().hot_pool_size:
        return read_newcomers(nobody_new(), deadline)
    pid = os.getpid()
    # Not `setdefault` alone: it would make a copy for each request, to throw it away.
    kept = _kept.get(pid) or _kept.setdefault(pid, _Kept())
    if time.monotonic() - kept.looked_at > _FRESH_S and kept.looking.acquire(blocking=False):
        threading.Thread(target=_look, args=(kept,), name="newcomers", daemon=True).start()
    return kept.newcomers


def forget_newcomers() -> None:
    """As a process that has never read any."""
    _kept.clear()


def read_newcomers(known: Newcomers, deadline: Deadline) -> Newcomers:
    """What is tried now; `known` with the spending of now where nothing else has changed. Raises SourceTimeout,
    StoreUnavailable."""
    rules = exploration()
    with hot_connection(deadline) as connection:
        [(version, arrived_at_s, shown, explored)] = connection.execute(VERSION).fetchall()
        if version and version == known.version:
            return replace(known, spent=Spent(shown, explored))
        if not version:
            return nobody_new()
        trials = connection.execute(TRIALS, trial_values(datetime.now(UTC), rules)).fetchall()
        segments = []
        if rules.bandit_segment != "none":
            items = [row[0] for row in trials if row[4]]
            segments = connection.execute(SEGMENTS, {"item_ids": items}).fetchall()
    return newcomers_from((version, arrived_at_s, shown, explored), trials, segments, rules)


def _look(kept: _Kept) -> None:
    try:
        kept.newcomers = read_newcomers(kept.newcomers, Deadline.after_ms(_PATIENCE_MS))
    except RetrievalError as error:
        log.warning("new items are as they were", error=str(error))
    except Exception:
        log.exception("new items could not be read")
    finally:
        kept.looked_at = time.monotonic()
        kept.looking.release()

"""The process's copy of how often each arm is drawn: read anew beside the requests, which never wait for it."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.shares.drawing import Chances
from retrieval.sql import hot_connection
from retrieval.types import RetrievalError

# By revision and segment; "" is any segment of which nothing is known.
Policies = Mapping[tuple[int, str], Chances]

_FRESH_S = 3.0
_PATIENCE_MS = 5_000
_VERSION = "SELECT coalesce(max(changed_at)::text, '') FROM retrieval_sharepolicy"
_READ = "SELECT mix, segment, arm, probability FROM retrieval_sharepolicy ORDER BY mix, segment, arm"
_NOTHING: Policies = {}
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Kept:
    policies: Policies = field(default_factory=dict)
    version: str = ""
    looked_at: float = float("-inf")  # time.monotonic()
    looking: threading.Lock = field(default_factory=threading.Lock)


_kept: dict[int, _Kept] = {}  # by process id: a fork may happen while a lock is held


def current_policies() -> Policies:
    """Some seconds old; nothing in a process's first moment. Waits for nothing.

    Only a process that shares its connection with an open transaction reads each time: what it sees there belongs to
    it alone, and may be rolled back.
    """
    if not config().hot_pool_size:
        return read_policies("", _NOTHING)[1]
    pid = os.getpid()
    kept = _kept.get(pid) or _kept.setdefault(pid, _Kept())
    if time.monotonic() - kept.looked_at > _FRESH_S and kept.looking.acquire(blocking=False):
        threading.Thread(target=_look, args=(kept,), name="source shares", daemon=True).start()
    return kept.policies


def forget_policies() -> None:
    """As a process that has never read any."""
    _kept.clear()


def read_policies(version: str, known: Policies) -> tuple[str, Policies]:
    """(the version, what is drawn by it); `known` where that is still the version. Raises SourceTimeout,
    StoreUnavailable."""
    with hot_connection(Deadline.after_ms(_PATIENCE_MS)) as connection:
        [(now,)] = connection.execute(_VERSION).fetchall()
        if now == version:
            return version, known
        rows = connection.execute(_READ).fetchall()
    shares: dict[tuple[int, str], dict[str, float]] = {}
    for mix, segment, arm, probability in rows:
        shares.setdefault((mix, segment), {})[arm] = probability
    return now, {where: Chances.of(of_arms) for where, of_arms in shares.items()}


def _look(kept: _Kept) -> None:
    try:
        kept.version, kept.policies = read_policies(kept.version, kept.policies)
    except RetrievalError as error:
        log.warning("the shares of sources are as they were", error=str(error))
    except Exception:
        log.exception("the shares of sources could not be read")
    finally:
        kept.looked_at = time.monotonic()
        kept.looking.release()

"""From the process's counts to Postgres, every few seconds by a thread beside the requests."""

import os
import threading
import time
from collections import deque
from dataclasses import asdict
from typing import Any

import structlog
from django.db import connections, transaction
from prometheus_client import Counter

from catalog.background import before_the_end
from catalog.sql import Cursor, cursor
from retrieval.config import config
from retrieval.tally.cells import COUNTS, Cells
from retrieval.tally.requests import COUNTED, REQUESTS, Slots, count_outcome, start_of

EVERY_S = 10.0
_MOST_WAITING = 60  # ten minutes without Postgres
LOST = Counter("headwater_answers_uncounted_total", "Answers whose counts could not be stored for the pages.")
# In the order of the key: two processes take the rows in the same order.
_ADDED = """
    answers = kept.answers + excluded.answers, short = kept.short + excluded.short,
    degraded = kept.degraded + excluded.degraded,
    ms_counts = ARRAY(SELECT coalesce(old, 0) + coalesce(new, 0)
                      FROM unnest(kept.ms_counts, excluded.ms_counts) WITH ORDINALITY AS added (old, new, place)
                      ORDER BY place)
"""
_ANSWERS = f"""
INSERT INTO retrieval_answerhour AS kept (hour, surface, level, answers, short, degraded, ms_counts)
VALUES (%(hour)b, %(surface)b, %(level)b, %(answers)b, %(short)b, %(degraded)b, %(ms_counts)b::bigint[])
ON CONFLICT (hour, surface, level) DO UPDATE SET {_ADDED}
"""  # noqa: S608
_BY_ARM = f"""
INSERT INTO retrieval_armanswerhour AS kept (hour, variant_id, surface, level, answers, short, degraded, ms_counts)
VALUES (%(hour)b, %(arm)b, %(surface)b, %(level)b, %(answers)b, %(short)b, %(degraded)b, %(ms_counts)b::bigint[])
ON CONFLICT (variant_id, hour, surface, level) DO UPDATE SET {_ADDED}
"""  # noqa: S608
_ARMS = f"""
INSERT INTO retrieval_armanswers AS kept (variant_id, level, answers, short, degraded, ms_counts)
VALUES (%(arm)b, %(level)b, %(answers)b, %(short)b, %(degraded)b, %(ms_counts)b::bigint[])
ON CONFLICT (variant_id, level) DO UPDATE SET {_ADDED}
"""  # noqa: S608
_LOOKS = """
INSERT INTO retrieval_cachehour AS kept (hour, surface, level, hits, misses, errors)
VALUES (%(hour)b, %(surface)b, %(level)b, %(hits)b, %(misses)b, %(errors)b)
ON CONFLICT (hour, surface, level) DO UPDATE SET
    hits = kept.hits + excluded.hits, misses = kept.misses + excluded.misses, errors = kept.errors + excluded.errors
"""
_WORK = """
INSERT INTO retrieval_sourcework AS kept (hour, source, calls, failed, ms, candidates, sole)
VALUES (%(hour)b, %(source)b, %(calls)b, %(failed)b, %(ms)b::float8, %(candidates)b, %(sole)b)
ON CONFLICT (hour, source) DO UPDATE SET
    calls = kept.calls + excluded.calls, failed = kept.failed + excluded.failed, ms = kept.ms + excluded.ms,
    candidates = kept.candidates + excluded.candidates, sole = kept.sole + excluded.sole
"""
_PAIRS = """
INSERT INTO retrieval_sourcepair AS kept (day, source, other, shared)
VALUES (%(day)b, %(source)b, %(other)b, %(shared)b)
ON CONFLICT (day, source, other) DO UPDATE SET shared = kept.shared + excluded.shared
"""
_REQUESTS = f"""
INSERT INTO retrieval_requestslot AS kept (start, {", ".join(COUNTED)})
VALUES (%(start)b, {", ".join(f"%({name})b" for name in COUNTED)})
ON CONFLICT (start) DO UPDATE SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in COUNTED)}
"""  # noqa: S608
log = structlog.get_logger(__name__)
_waiting: deque[Cells] = deque()
_storing = threading.Lock()
_threads: dict[int, threading.Thread] = {}  # by process id: threads don't survive a fork


def flush() -> None:
    """Stores what was counted since the last time, and what could not be stored before; never raises."""
    with _storing:
        if cells := COUNTS.taken():
            if len(_waiting) == _MOST_WAITING:
                LOST.inc(sum(cell.answers for cell in _waiting.popleft().answers.values()))
            _waiting.append(cells)
        slots = REQUESTS.taken()
        try:
            if slots:
                _store_requests(slots)
                slots = {}
            while _waiting:
                with transaction.atomic(), cursor() as raw:
                    _store(raw, _waiting[0])
                _waiting.popleft()
        except Exception as error:  # noqa: BLE001  an answer must not fail because it can't be counted
            LOST.inc(REQUESTS.put_back(slots))
            log.warning("answers are counted later", error=str(error))


def forget_counts() -> None:
    """For tests: begins anew."""
    COUNTS.taken()
    REQUESTS.taken()
    _waiting.clear()


def count_request(status: int, *, degraded: bool = False, ms: float | None = None) -> None:
    """Counts one answer of the API. ms: of a request that the objective of latency is about."""
    count_outcome(status, degraded=degraded, ms=ms)
    keep_storing()


def keep_storing() -> None:
    """Sees to it that this process stores what it counts; a process without connections of its own is a test."""
    pid = os.getpid()
    if pid not in _threads and config().hot_pool_size:
        thread = threading.Thread(target=_run, name="tally", daemon=True)
        if _threads.setdefault(pid, thread) is thread:
            before_the_end(flush)
            thread.start()


def _run() -> None:
    while True:
        time.sleep(EVERY_S)
        if config().hot_pool_size:
            flush()
            connections.close_all()


def _store_requests(slots: Slots) -> None:
    rows = [{"start": start_of(slot), **asdict(cell)} for slot, cell in sorted(slots.items())]
    with transaction.atomic(), cursor() as raw:
        raw.executemany(_REQUESTS, rows)


def _store(raw: Cursor, cells: Cells) -> None:
    _fill(raw, _ANSWERS, ("hour", "surface", "level"), cells.answers)
    _fill(raw, _BY_ARM, ("hour", "arm", "surface", "level"), cells.by_arm)
    _fill(raw, _ARMS, ("arm", "level"), cells.arms)
    _fill(raw, _LOOKS, ("hour", "surface", "level"), cells.looks)
    _fill(raw, _WORK, ("hour", "source"), cells.work)
    pairs = [
        {"day": day, "source": one, "other": other, "shared": n}
        for (day, one, other), n in sorted(cells.pairs.items())
    ]
    if pairs:
        raw.executemany(_PAIRS, pairs)


def _fill(raw: Cursor, statement: str, names: tuple[str, ...], cells: dict[Any, Any]) -> None:
    rows = [
        {**dict(zip(names, key, strict=True)), **asdict(cell)}
        for key, cell in sorted(cells.items(), key=_key)
    ]
    if rows:
        raw.executemany(statement, rows)


def _key(entry: tuple[Any, Any]) -> Any:
    return entry[0]

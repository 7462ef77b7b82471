"""Runs the sources side by side under an absolute deadline and reports on each; the only user of threads here.

Most take turns in the request's own thread (`retrieval.turns`), and what they wait for is bounded. For the others:
`with ThreadPoolExecutor()` in a request would wait for its slowest thread; this pool belongs to the process, and
a source that is stuck in all its permitted calls is refused as busy at once, so it can't starve the others.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter

import structlog
from django.db import connections

from retrieval import metrics
from retrieval.afterwards import Turn, current, lent
from retrieval.breakers import Breaker
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.recording import WITHIN
from retrieval.source import Course, Source, validated
from retrieval.turns import by_turns
from retrieval.types import Context, Found, Outcome, RetrievalError, SourceReport, SourceTimeout

log = structlog.get_logger(__name__)

_FAILURES_ALLOWED = 8  # more than one request's worth of bad luck on a busy machine
_WHOLE_TIME = 0.9  # of its limit
_LEFT_ALONE = "failed a moment ago; it is asked again shortly"


@dataclass(frozen=True, slots=True)
class Call:
    """One source to run: how many candidates, within how long, with which options."""

    source: Source
    k: int
    limit_ms: int
    options: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Attempt:
    found: Found
    report: SourceReport


class Runner:
    """Owns a pool of `threads` and lets `calls_in_flight` calls of each source run at once.

    With no threads the sources run one after the other in the caller's, and only the request's deadline counts:
    a limit per source says how long to wait for one beside the others.
    """

    def __init__(self, *, threads: int, calls_in_flight: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="source") if threads else None
        self._calls_in_flight = calls_in_flight
        self._seats: dict[str, threading.Semaphore] = {}
        self._breakers: dict[str, Breaker] = {}
        self._lock = threading.Lock()

    def run(
        self, calls: Sequence[Call], context: Context, *, began: float
    ) -> tuple[dict[str, Found], list[SourceReport]]:
        """(what each source found, by name; one report per call, in their order). Never raises for a source.

        `began`: time.perf_counter() when the request did.
        """
        if self._pool is None:
            attempts = [
                _guarded(call, context.for_source(deadline=context.deadline, options=call.options), began)
                for call in calls
            ]
        else:
            attempts = self._side_by_side(self._pool, calls, context, began)
        for call, attempt in zip(calls, attempts, strict=True):
            self._judge(call, attempt.report)
            metrics.SOURCE_CALLS.labels(attempt.report.name, attempt.report.outcome).inc()
            metrics.SOURCE_MS.labels(attempt.report.name).observe(attempt.report.ms)
        return {a.report.name: a.found for a in attempts}, [a.report for a in attempts]

    def _side_by_side(
        self, pool: ThreadPoolExecutor, calls: Sequence[Call], context: Context, began: float
    ) -> list[_Attempt]:
        asked_at = time.perf_counter()
        attempts: dict[int, _Attempt] = {}
        apart: dict[int, tuple[Call, Deadline, Future[_Attempt] | None]] = {}
        in_turn: list[tuple[bool, int, Callable[[], _Attempt]]] = []
        for place, call in enumerate(calls):
            own = _own_context(call, context)
            if (refusal := self._refused(call, own, began)) is not None:
                attempts[place] = refusal
            elif call.source.course is Course.APART:
                apart[place] = (call, own.deadline, self._submitted(pool, call, own, began))
            else:
                in_turn.append(
                    (call.source.course is not Course.FIRST, place, partial(_guarded, call, own, began))
                )
        in_turn.sort(key=itemgetter(0, 1))
        ended = by_turns([job for _, _, job in in_turn])
        attempts |= {place: attempt for (_, place, _), attempt in zip(in_turn, ended, strict=True)}
        for place, waiting in apart.items():
            attempts[place] = _collect(*waiting, began=began, asked_at=asked_at)
        return [attempts[place] for place in range(len(calls))]

    def _refused(self, call: Call, context: Context, began: float) -> _Attempt | None:
        """The report of a source that has nothing to say to this user, or is not to be asked now."""
        if _passes(call, context):
            return _nothing(call, "skipped", began, time.perf_counter(), "")
        if not self._breaker_of(call.source.name).admits():
            return _nothing(call, "busy", began, time.perf_counter(), _LEFT_ALONE)
        return None

    def _submitted(
        self, pool: ThreadPoolExecutor, call: Call, context: Context, began: float
    ) -> Future[_Attempt] | None:
        """What is under way in a thread; None where all its permitted calls are."""
        seats = self._seats_of(call.source.name)
        if not seats.acquire(blocking=False):
            return None
        # With the request's context: its id in what the source logs, its recording for what it asks.
        return pool.submit(copy_context().run, _in_thread, call, context, began, seats, current())

    def _judge(self, call: Call, report: SourceReport) -> None:
        """One that fails, or takes all of its time, is left alone after a few times in a row. A request that gave it
        less time says nothing of it."""
        breaker = self._breaker_of(report.name)
        if report.outcome == "error":
            breaker.failed(report.detail)
        elif report.outcome == "timeout":
            if report.ms >= call.limit_ms * _WHOLE_TIME:
                breaker.failed(report.detail)
        elif report.outcome in ("ok", "empty"):
            breaker.succeeded()

    def _breaker_of(self, name: str) -> Breaker:
        breaker = self._breakers.get(name)
        if breaker is None:
            with self._lock:
                made = Breaker(f"source:{name}", failures=_FAILURES_ALLOWED)
                breaker = self._breakers.setdefault(name, made)
            metrics.show_at_zero(name)
        return breaker

    def _seats_of(self, name: str) -> threading.Semaphore:
        with self._lock:
            return self._seats.setdefault(name, threading.Semaphore(self._calls_in_flight))


def run(
    calls: Sequence[Call], context: Context, *, began: float
) -> tuple[dict[str, Found], list[SourceReport]]:
    """`Runner.run` on this process's runner."""
    return _runner_of(os.getpid()).run(calls, context, began=began)


@cache
def _runner_of(_pid: int) -> Runner:
    """Made at first use in each process: threads don't survive a fork."""
    return Runner(threads=config().source_threads, calls_in_flight=config().source_calls_in_flight)


def _collect(
    call: Call, deadline: Deadline, future: Future[_Attempt] | None, *, began: float, asked_at: float
) -> _Attempt:
    if future is None:
        return _nothing(call, "busy", began, asked_at, "all permitted calls of this source are in flight")
    try:
        return future.result(timeout=deadline.remaining_s())
    except TimeoutError:
        # The thread goes on until the database's own statement_timeout ends it; its seat stays taken till then.
        return _nothing(call, "timeout", began, asked_at, f"no answer within {call.limit_ms} ms")


def _passes(call: Call, context: Context) -> bool:
    try:
        return not call.source.applies_to(context)
    except Exception:  # noqa: BLE001  its own thread says what is wrong with it
        return False


def _in_thread(
    call: Call, context: Context, began: float, seats: threading.Semaphore, turn: Turn | None
) -> _Attempt:
    try:
        with lent(turn):
            return _guarded(call, context, began)
    finally:
        # A thread's Django connections are never returned to anybody unless the thread does it.
        connections.close_all()
        seats.release()


def _guarded(call: Call, context: Context, began: float) -> _Attempt:
    started = time.perf_counter()
    within = WITHIN.set(call.source.name)
    outcome: Outcome
    detail = ""
    found = Found.empty()
    try:
        if context.deadline.remaining_s() == 0:
            raise SourceTimeout("the deadline passed before the source began")
        if not call.source.applies_to(context):
            outcome = "skipped"
        else:
            found = validated(call.source, call.source.retrieve(context, call.k), call.k)
            outcome = "ok" if len(found) else "empty"
    except SourceTimeout as error:
        outcome, detail = "timeout", str(error)
    except RetrievalError as error:
        outcome, detail = "error", str(error)
        log.warning("source failed", source=call.source.name, error=str(error))
    except Exception as error:
        outcome, detail = "error", type(error).__name__
        log.exception("source crashed", source=call.source.name)
    finally:
        WITHIN.reset(within)
    now = time.perf_counter()
    report = SourceReport(
        call.source.name,
        outcome,
        call.k,
        len(found),
        (now - started) * 1000,
        (started - began) * 1000,
        detail,
    )
    return _Attempt(found, report)


def _nothing(call: Call, outcome: Outcome, began: float, asked_at: float, detail: str) -> _Attempt:
    waited_ms = (time.perf_counter() - asked_at) * 1000
    started_ms = (asked_at - began) * 1000
    report = SourceReport(call.source.name, outcome, call.k, 0, waited_ms, started_ms, detail)
    return _Attempt(Found.empty(), report)


def _own_context(call: Call, context: Context) -> Context:
    return context.for_source(deadline=context.deadline.earlier(call.limit_ms), options=call.options)

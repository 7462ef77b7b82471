"""More than a process can answer in time is refused at once, cheaply, while what it has begun is answered.

A queue that nobody bounds makes every answer late, those that clients have given up waiting for among them. Here at
most `seats` requests are answered and as many wait, none for longer than `PATIENCE_S`, candidates for twice as long;
all others are told when to come again. Health checks and metrics never wait. The server needs more threads than both
together: `sizes.threads_for`.

Candidates can be answered without Postgres, nothing else can. So all else has half of the seats and half of the queue:
where Postgres hangs, what waits for it never takes the last seat from who needn't. Where it is only slow each answer
takes a second, and one after two is worth more than none; where the cores are short the queue is full long before.
And while the process has half a core to spare, who finds no seat is answered by heart, one at a time.

A process that has just started finds all that has waited for it, at once: that is no sign of more than it can answer,
and until it has caught up nobody is refused. As many wait as the server has threads, the rest in its bounded queues.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import orjson

from api.metrics import SHED
from api.request_ids import request_id_in
from retrieval.tally import count_shed

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

# Longer than a turn of a thread on a busy machine, shorter than what a feed waits for candidates.
PATIENCE_S = 1.0
_CANDIDATES_ARE_WORTH = 2
# After its first request a process is starting until it has caught up, and no longer than so.
STARTING_S = 10.0
_AT_LEAST_S = 1.0  # the first requests of all that has waited find free seats too
# In environ: there was no seat, and this request is not to wait for Postgres.
BY_HEART = "headwater.by_heart"
# Below this share of a core it is others that are slow: what a process computes doesn't keep it busy.
_IDLE_BELOW, _LOOKS_EVERY_S = 0.5, 0.5
_EXEMPT = frozenset({"/livez", "/readyz", "/metrics"})
_DETAIL = "More requests than can be answered in time; send this one again after Retry-After."


def shedding(
    application: Application,
    *,
    seats: int,
    patience_s: float = PATIENCE_S,
    starting_s: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
    cpu_s: Callable[[], float] = time.process_time,
) -> Application:
    """`application`, with at most `seats` requests in it at once. starting_s: from the first request on nobody is
    refused for so long, or until a later one finds a free seat. cpu_s: what the process has used so far."""
    starting = _Starting(starting_s, clock)
    work, beside = _Work(clock, cpu_s), threading.BoundedSemaphore(1)
    all_seats = _Seats(seats, starting)
    of_others = _Seats(max(1, seats // 2), starting)

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in _EXEMPT:
            return application(environ, start_response)
        work.look()
        for_candidates = path.endswith("/candidates")
        needed = (all_seats,) if for_candidates else (of_others, all_seats)
        waits_s = _CANDIDATES_ARE_WORTH * patience_s if for_candidates else patience_s
        with ExitStack() as taken:
            for kind in needed:
                if kind.take(waits_s):
                    taken.callback(kind.leave)
                elif for_candidates and work.is_little() and beside.acquire(blocking=False):
                    taken.callback(beside.release)
                    environ[BY_HEART] = True
                else:
                    SHED.inc()
                    count_shed()
                    return [_refusal(environ, start_response)]
            return application(environ, start_response)

    return wrapped


class _Starting:
    """Whether what had waited for the process is still being answered."""

    def __init__(self, for_s: float, clock: Callable[[], float]) -> None:
        self.for_s, self._clock = for_s, clock
        self._began: float | None = None
        self._is_over = not for_s

    def goes_on(self) -> bool:
        if self._began is None:
            self._began = self._clock()
        self._is_over = self._is_over or self._clock() >= self._began + self.for_s
        return not self._is_over

    def has_free_seats(self) -> None:
        if not self._is_over and self._began is not None:
            self._is_over = self._clock() >= self._began + _AT_LEAST_S


class _Work:
    """How much the process has computed lately."""

    def __init__(self, clock: Callable[[], float], cpu_s: Callable[[], float]) -> None:
        self._clock, self._cpu_s = clock, cpu_s
        self._looked_at, self._used_s = clock(), cpu_s()
        self._share = 1.0  # until it is known

    def look(self) -> None:
        now = self._clock()
        if now - self._looked_at >= _LOOKS_EVERY_S:
            used_s = self._cpu_s()
            self._share = (used_s - self._used_s) / (now - self._looked_at)
            self._looked_at, self._used_s = now, used_s

    def is_little(self) -> bool:
        return self._share < _IDLE_BELOW


class _Seats:
    """So many at once, and as many more who wait; anybody while the process is starting."""

    def __init__(self, count: int, starting: _Starting) -> None:
        self._free, self._queue = threading.BoundedSemaphore(count), threading.BoundedSemaphore(count)
        self._starting = starting
        self.leave = self._free.release

    def take(self, patience_s: float) -> bool:
        """False where there was none in time."""
        starting = self._starting.goes_on()
        if self._free.acquire(blocking=False):
            self._starting.has_free_seats()
            return True
        if starting:
            return self._free.acquire(timeout=self._starting.for_s)
        if not self._queue.acquire(blocking=False):
            return False
        try:
            return self._free.acquire(timeout=patience_s)
        finally:
            self._queue.release()


def _refusal(environ: dict[str, Any], start_response: Any) -> bytes:
    """As `api.problems.problem` has it, without a request of Django's."""
    request_id = request_id_in(environ)
    body: bytes = orjson.dumps(
        {
            "type": "urn:headwater:problem:overloaded",
            "title": "Service Unavailable",
            "status": 503,
            "detail": _DETAIL,
            "instance": environ["PATH_INFO"],
            "errors": [],
            "request_id": request_id,
        }
    )
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Retry-After", "1"),
        ("Cache-Control", "no-store"),
        ("X-Request-Id", request_id),
    ]
    start_response("503 Service Unavailable", headers)
    return body

"""What was in trouble a moment ago is left alone for a while: then one call finds out whether it is well.

Michael Nygard, *Release It!* (2007). A check of one that is closed is one comparison, without a lock.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal

import structlog

from retrieval import metrics

log = structlog.get_logger(__name__)

BreakerState = Literal["closed", "half-open", "open"]
_named: "dict[str, Breaker]" = {}
_AS_NUMBER: dict[BreakerState, int] = {"closed": 0, "half-open": 1, "open": 2}


class Breaker:
    """Opens after `failures` in a row; `pause_s` later lets one call through, whose outcome decides.

    name: of what it guards, as a label of /metrics, from a bounded set; "" counts nowhere.
    """

    def __init__(
        self,
        name: str = "",
        *,
        failures: int = 3,
        pause_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._failures_allowed = failures
        self._pause_s = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0
        if name:
            _named[name] = self
            metrics.BREAKER_OPENED.labels(name)  # at 0: its first time is an increase

    def state(self) -> BreakerState:
        """half-open: the pause is over and the next call is the probe."""
        if self._failures < self._failures_allowed:
            return "closed"
        return "open" if self._clock() < self._closed_again_at else "half-open"

    def admits(self) -> bool:
        """Whether to call now. Who was let in says `succeeded` or `failed` afterwards; a probe that says nothing is
        taken for failed once a pause has passed."""
        if self._failures < self._failures_allowed:
            return True
        with self._lock:
            if self._failures < self._failures_allowed:
                return True
            if self._clock() < self._closed_again_at:
                return False
            # This call is the probe; the others stay out until it is answered or a pause has passed.
            self._closed_again_at = self._clock() + self._pause_s
        self._show("half-open")
        return True

    def succeeded(self) -> None:
        if not self._failures:
            return
        with self._lock:
            was_open = self._failures >= self._failures_allowed
            self._failures = 0
        if was_open:
            self._show("closed")

    def failed(self, why: str) -> None:
        with self._lock:
            self._failures += 1
            opens = self._failures == self._failures_allowed
            is_open = self._failures >= self._failures_allowed
            self._closed_again_at = self._clock() + self._pause_s
        if opens:
            log.warning("left alone for a while", what=self._name, error=why, pause_s=self._pause_s)
            if self._name:
                metrics.BREAKER_OPENED.labels(self._name).inc()
        if is_open:
            self._show("open")

    def _show(self, state: BreakerState) -> None:
        if self._name:
            metrics.BREAKER.labels(self._name).set(_AS_NUMBER[state])


# Of this process: what one thread finds out, the others know. A fork's begins as its parent's was.
POSTGRES = Breaker("postgres")


def current_state(name: str) -> BreakerState:
    """Of this process's breaker of that name; closed where nothing was guarded yet."""
    breaker = _named.get(name)
    return breaker.state() if breaker is not None else "closed"

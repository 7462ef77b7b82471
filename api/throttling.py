"""Rate limits per key and scope, counted in Valkey; without Valkey everybody is let through."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from api.authentication import Client
from api.config import config
from api.metrics import UNLIMITED
from api.permissions import scope_of
from retrieval.types import CacheUnavailable
from retrieval.valkey import client, key


class GuardedStorage(RedisStorage):
    """limits' counters behind retrieval's breaker: a dead server must not cost every request a time-out."""

    def __init__(self) -> None:
        super().__init__("redis://", connection_pool=client().connection_pool, key_prefix=key("limits"))
        self.storage = client()
        self.initialize_storage("")


_COUNTED = "headwater.counted"  # in META


@dataclass(frozen=True, slots=True)
class Count:
    """One request of a client, counted by `commands` that somebody else sends along with his own."""

    commands: tuple[tuple[str | int, ...], ...]
    most: int

    @classmethod
    def of(cls, owner: Client, scope: str) -> "Count":
        rate = config().rates[scope]
        # As limits' storage names it, and as it counts: the first one begins the window.
        counter = f"{key('limits')}:{rate.key_for(owner.prefix, scope)}"
        return cls((("INCR", counter), ("EXPIRE", counter, rate.get_expiry(), "NX")), rate.amount)

    def within(self, answers: Sequence[Any]) -> bool:
        """Whether the rate allows it, by the answers to the commands."""
        return isinstance(answers[0], int) and answers[0] <= self.most

    def mark(self, meta: dict[str, Any]) -> None:
        """KeyThrottle is not to count it again."""
        meta[_COUNTED] = True


class KeyThrottle(BaseThrottle):
    """Counts atomically, so that exactly the limit gets through."""

    def __init__(self) -> None:
        self._wait_s: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope = scope_of(view, request.method)
        if scope is None or not isinstance(request.auth, Client) or _COUNTED in request.META:
            return True
        rate, counted = config().rates[scope], (request.auth.prefix, scope)
        try:
            limiter = _limiter(os.getpid())
            if limiter.hit(rate, *counted):
                return True
            self._wait_s = limiter.get_window_stats(rate, *counted).reset_time - time.time()
        except (CacheUnavailable, redis.RedisError):
            UNLIMITED.inc()
            return True
        return False

    def wait(self) -> float | None:
        """Seconds until the window ends, for Retry-After."""
        return self._wait_s


@cache
def _limiter(_pid: int) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(GuardedStorage())

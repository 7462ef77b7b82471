"""Single flight across processes: a short lock in Valkey with a token; who doesn't get it waits a little."""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress

import redis

from retrieval import keys
from retrieval.cache.packing import Kept
from retrieval.valkey import CacheUnavailable, client

_HELD_MS = 2_000  # longer than computing takes; a process that dies holds up nobody for longer
_PAUSE_S = 0.01
# Only its own: the lock may have expired and be somebody else's by now.
_LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def hold(key: str) -> str | None:
    """A token, for `let_go`; None where another process computes this value. Raises CacheUnavailable."""
    token = secrets.token_hex(8)
    return token if client().at_once("SET", keys.lock_key(key), token, "NX", "PX", _HELD_MS) else None


def let_go(key: str, token: str) -> None:
    """Where that fails the lock expires by itself."""
    with suppress(CacheUnavailable, redis.ResponseError):
        client().at_once("EVAL", _LET_GO, 1, keys.lock_key(key), token)


def wait_for_other(key: str, read: Callable[[], Kept | None], *, timeout_s: float) -> Kept | None:
    """What `read` finds once the other process is done; None where there is nothing within the time.
    Raises CacheUnavailable."""
    give_up_at = time.monotonic() + timeout_s
    while time.monotonic() < give_up_at:
        time.sleep(_PAUSE_S)
        if not client().exists(keys.lock_key(key)):
            return read()
    return None

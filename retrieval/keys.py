"""Every cache key of a user, in one place and one cluster slot.

A key carries what a value is of and which mix and model shaped it. What moves with the user or the catalogue stands in
the value itself, as a stamp: so one entry per question is replaced instead of many left behind, what is there can be
read before its versions are known, and a value that is no longer true can still help who would only wait.
"""

import zlib
from collections.abc import Mapping

from retrieval.valkey import user_key

K_BUCKETS = (100, 200, 500, 1000, 2000, 5000)


def bucket_of(k: int) -> int:
    """Requests for 900 and 1000 share one entry: the smallest bucket that holds k."""
    return next((bucket for bucket in K_BUCKETS if bucket >= k), k)


def candidates_key(user: str, *, mix: str, model: int, k: int, surface: str) -> str:
    """L1. mix: `Mix.key`."""
    return user_key(user, f"c:{mix}:{model}:{bucket_of(k)}:{surface}")


def vector_key(user: str, *, model: int) -> str:
    """L2."""
    return user_key(user, f"v:{model}")


def precomputed_key(user: str, *, mix: str, model: int, surface: str) -> str:
    """L3."""
    return user_key(user, f"p:{mix}:{model}:{surface}")


def ready_key(
    user: str, *, mix: str, model: int, k: int, surface: str, fields: str, arms: Mapping[str, str]
) -> str:
    """The bytes of a whole answer. They name the arms, so these shape them too."""
    named = zlib.crc32("\x1f".join(f"{name}={arms[name]}" for name in sorted(arms)).encode()) if arms else 0
    return user_key(user, f"r:{mix}:{model}:{k}:{surface}:{fields}:{named}")


def lock_key(key: str) -> str:
    """Held by the process that computes the value of `key`."""
    return f"{key}:lock"

"""L2: a user's vector under the live model, kept for an hour, or until she does something."""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrieval import keys, metrics
from retrieval.afterwards import later, settled
from retrieval.config import config
from retrieval.stamps import Stamp, UnreadableCache, jittered
from retrieval.types import Context, LiveModel
from retrieval.valkey import CacheUnavailable, client

Vector = NDArray[np.float32]
_MAGIC = b"HV1"
_HEADER = struct.Struct("<3sI")  # magic, crc32 of all that follows


@contextmanager
def kept_or_made(context: Context, model: LiveModel, make: Callable[[], Vector]) -> Iterator[Vector]:
    """float32 [dim]: the vector that is kept for this very history, else what `make` gives, kept once the block that
    uses it has ended: nothing waits for that."""
    if not context.keeps_vector:
        yield make()
        return
    key = keys.vector_key(context.external_id, model=model.version)
    settled(key)
    try:
        found = client().at_once("GET", key)
    except CacheUnavailable:
        metrics.CACHE.labels("L2", "error").inc()
        context.vector_looks.append(("error", ""))
        yield make()
        return
    vector, reason = _judged(found, context, model)
    result: Literal["miss", "hit"] = "miss" if reason else "hit"
    metrics.CACHE.labels("L2", result).inc()
    context.vector_looks.append((result, reason))
    if vector is not None:
        yield vector
        return
    metrics.CACHE_MISSES.labels("L2", reason).inc()
    stamp = Stamp.now(jittered(config().vector_ttl_s), context.user_id, context.history_version)
    vector = make()
    yield vector
    later(key, partial(_store, key, vector, stamp))


def _store(key: str, vector: Vector, stamp: Stamp) -> None:
    try:
        client().at_once("SET", key, pack(vector, stamp), "PX", int(config().vector_ttl_s * 1000))
    except CacheUnavailable:
        metrics.CACHE.labels("L2", "error").inc()


def pack(vector: Vector, stamp: Stamp) -> bytes:
    body = stamp.packed() + vector.astype("<f4").tobytes()
    return _HEADER.pack(_MAGIC, zlib.crc32(body)) + body


def unpack(packed: bytes) -> tuple[Vector, Stamp]:
    """Raises UnreadableCache for anything but what `pack` wrote."""
    try:
        magic, checksum = _HEADER.unpack_from(packed)
        if magic != _MAGIC or zlib.crc32(packed[_HEADER.size :]) != checksum:
            raise UnreadableCache("not ours, or damaged")
        stamp, at = Stamp.unpacked(packed, _HEADER.size)
        return np.frombuffer(packed, "<f4", offset=at).astype(np.float32), stamp
    except (struct.error, ValueError) as error:
        raise UnreadableCache(str(error)) from error


def _judged(found: object, context: Context, model: LiveModel) -> tuple[Vector | None, str]:
    """(the vector, why it can't be used)"""
    if not isinstance(found, bytes):
        return None, "absent"
    try:
        vector, stamp = unpack(found)
    except UnreadableCache:
        return None, "unreadable"
    if len(vector) != model.dim:
        return None, "unreadable"
    if stamp.user_id != context.user_id:
        return None, "user"
    if stamp.history_version != context.history_version:
        return None, "history"
    return (None, "expired") if stamp.expired() else (vector, "")

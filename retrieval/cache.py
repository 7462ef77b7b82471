"""Candidates as the sources gave them, kept in Valkey before any filter; keys in one place, bytes never pickle.

A key carries every version that shaped the value, so nothing is ever invalidated by hand: when a version moves,
the old key is not read again and expires.
"""

import json
import random
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval import metrics
from retrieval.config import config
from retrieval.newcomers import arrivals_mark
from retrieval.types import Context, Pool, Request, RetrievalError
from retrieval.valkey import CacheUnavailable, client, user_key

K_BUCKETS = (100, 200, 500, 1000, 2000, 5000)
_MAGIC = b"HW1"
_HEADER = struct.Struct("<3sBIIH")  # magic, filled, crc32 of the rest, items, bytes of the sources' names


class UnreadableCache(RetrievalError):
    """Bytes that this version did not write: treated as a miss."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A merged pool; `filled` where the fill sources were already asked."""

    pool: Pool
    filled: bool


def bucket_of(k: int) -> int:
    """Requests for 900 and 1000 share one entry: the smallest bucket that holds k."""
    return next((bucket for bucket in K_BUCKETS if bucket >= k), k)


def cacheable(request: Request) -> bool:
    """A choice of sources or a context of its own makes an answer that nobody else will ask for."""
    return request.use_cache and not request.sources and not request.attributes


def candidates_key(context: Context, mix_revision: int, k: int) -> str:
    model = context.model.version if context.model else 0
    return user_key(
        context.external_id,
        f"c:{mix_revision}:{model}:{context.history_version}:{arrivals_mark(context)}:{bucket_of(k)}:{context.surface}",
    )


def read_candidates(key: str) -> Cached | None:
    """None on a miss. Raises CacheUnavailable."""
    try:
        packed = client().get(key)
    except CacheUnavailable:
        metrics.CACHE.labels("L1", "error").inc()
        raise
    cached = None
    result = "miss"
    if isinstance(packed, bytes):
        try:
            cached, result = unpack(packed), "hit"
        except UnreadableCache:
            result = "unreadable"
    metrics.CACHE.labels("L1", result).inc()
    return cached


def write_candidates(key: str, cached: Cached) -> None:
    """Raises CacheUnavailable."""
    # Jitter, so that entries written together don't expire together.
    ttl_s = int(config().candidates_ttl_s * random.uniform(0.9, 1.1))  # noqa: S311  no secret
    client().set(key, pack(cached), ex=max(ttl_s, 1))


def pack(cached: Cached) -> bytes:
    """About 30 bytes per candidate. A source's ranks are the order of its rows, so they take no room."""
    pool = cached.pool
    parts = [pool.item_ids.astype("<i8").tobytes(), pool.scores.astype("<f4").tobytes()]
    for column in range(len(pool.sources)):
        ranks = pool.ranks[:, column]
        proposed = np.flatnonzero(ranks)
        rows = proposed[np.argsort(ranks[proposed], kind="stable")]
        parts += [
            struct.pack("<I", len(rows)),
            rows.astype("<u4").tobytes(),
            ranks[rows].astype("<u4").tobytes(),
            pool.source_scores[rows, column].astype("<f4").tobytes(),
            pool.seeds[rows, column].astype("<i8").tobytes(),
        ]
    names = json.dumps(pool.sources).encode()
    body = names + b"".join(parts)
    return _HEADER.pack(_MAGIC, cached.filled, zlib.crc32(body), len(pool), len(names)) + body


def unpack(packed: bytes) -> Cached:
    """Raises UnreadableCache for anything but what `pack` wrote."""
    try:
        magic, filled, checksum, n, names_length = _HEADER.unpack_from(packed)
        body = packed[_HEADER.size :]
        if magic != _MAGIC or zlib.crc32(body) != checksum:
            raise UnreadableCache("not ours, or damaged")
        sources = tuple(json.loads(body[:names_length]))
        reader = _Reader(body, names_length)
        item_ids, scores = reader.take("<i8", n), reader.take("<f4", n)
        shape = (n, len(sources))
        ranks, own = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        seeds = np.zeros(shape, np.int64)
        for column in range(len(sources)):
            count = int(reader.take("<u4", 1)[0])
            rows = reader.take("<u4", count)
            ranks[rows, column] = reader.take("<u4", count)
            own[rows, column] = reader.take("<f4", count)
            seeds[rows, column] = reader.take("<i8", count)
    except (struct.error, ValueError, IndexError) as error:
        raise UnreadableCache(str(error)) from error
    return Cached(Pool(sources, item_ids, scores, ranks, own, seeds), bool(filled))


class _Reader:
    """Takes arrays from a buffer one after the other."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body, self._at = body, at

    def take(self, dtype: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._body, dtype=dtype, count=count, offset=self._at)
        self._at += array.nbytes
        return array

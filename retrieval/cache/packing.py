"""Candidates as bytes: packed arrays with a checksum and a stamp; never pickle."""

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.stamps import Stamp, UnreadableCache
from retrieval.types import Pool

_MAGIC = b"HW2"
_HEADER = struct.Struct("<3sI")  # magic, crc32 of all that follows
_SIZES = struct.Struct("<iIH")  # filled for, items, bytes of the sources' names


@dataclass(frozen=True, slots=True)
class Kept:
    """A merged pool as the sources gave it. filled_for: how many candidates were missing when the fill sources were
    asked; 0 where they weren't."""

    pool: Pool
    filled_for: int
    stamp: Stamp


def pack(kept: Kept) -> bytes:
    """About 30 bytes per candidate. A source's ranks are the order of its rows, so they take no room."""
    pool = kept.pool
    names = json.dumps(pool.sources).encode()
    parts = [
        kept.stamp.packed(),
        _SIZES.pack(kept.filled_for, len(pool), len(names)),
        names,
        pool.item_ids.astype("<i8").tobytes(),
        pool.scores.astype("<f4").tobytes(),
    ]
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
    body = b"".join(parts)
    return _HEADER.pack(_MAGIC, zlib.crc32(body)) + body


def unpack(packed: bytes) -> Kept:
    """Raises UnreadableCache for anything but what `pack` wrote."""
    try:
        magic, checksum = _HEADER.unpack_from(packed)
        if magic != _MAGIC or zlib.crc32(memoryview(packed)[_HEADER.size :]) != checksum:
            raise UnreadableCache("not ours, or damaged")
        stamp, at = Stamp.unpacked(packed, _HEADER.size)
        filled_for, n, length = _SIZES.unpack_from(packed, at)
        at += _SIZES.size
        sources = tuple(json.loads(packed[at : at + length]))
        return Kept(_pool(sources, n, _Reader(packed, at + length)), filled_for, stamp)
    except (struct.error, ValueError, IndexError) as error:
        raise UnreadableCache(str(error)) from error


def _pool(sources: tuple[str, ...], n: int, reader: "_Reader") -> Pool:
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
    return Pool(sources, item_ids, scores, ranks, own, seeds)


class _Reader:
    """Takes arrays from a buffer one after the other."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body, self._at = body, at

    def take(self, dtype: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._body, dtype=dtype, count=count, offset=self._at)
        self._at += array.nbytes
        return array

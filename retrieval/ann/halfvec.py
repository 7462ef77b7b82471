"""pgvector's halfvec on the wire, to and from float32 arrays. No other module knows its bytes."""

from collections.abc import Iterator

import numpy as np

from retrieval.ann.index import Vectors
from retrieval.types import Ids

_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_TRAILER = b"\xff\xff"
_ROWS_PER_BLOCK = 4096
_HEADER_BYTES = 4


def from_sent(sent: bytes, n: int) -> Vectors:
    """float32 [n, dim] of what `halfvec_send` returned for n rows, joined; [0, 0] for none."""
    if not n:
        return np.empty((0, 0), np.float32)
    rows = np.frombuffer(sent, np.uint8).reshape(n, -1)
    return rows[:, _HEADER_BYTES:].view(">f2").astype(np.float32)


def copy_blocks(item_ids: Ids, vectors: Vectors, history: Vectors) -> Iterator[bytes]:
    """A binary COPY of rows (item_id bigint, vector halfvec, history halfvec), by blocks."""
    dtype = _copy_dtype(vectors.shape[1])
    yield _COPY_HEADER
    for start in range(0, len(item_ids), _ROWS_PER_BLOCK):
        part = slice(start, start + _ROWS_PER_BLOCK)
        rows = np.zeros(len(item_ids[part]), dtype)
        rows["columns"], rows["id_bytes"], rows["item_id"] = 3, 8, item_ids[part]
        for name, values in (("vector", vectors[part]), ("history", history[part])):
            rows[f"{name}_bytes"] = _HEADER_BYTES + 2 * vectors.shape[1]
            rows[f"{name}_dim"] = vectors.shape[1]
            rows[name] = values
        yield rows.tobytes()
    yield _COPY_TRAILER


def _copy_dtype(dim: int) -> np.dtype[np.void]:
    def halfvec(name: str) -> list[tuple[str, str] | tuple[str, str, tuple[int, ...]]]:
        return [
            (f"{name}_bytes", ">i4"),
            (f"{name}_dim", ">i2"),
            (f"{name}_unused", ">i2"),
            (name, ">f2", (dim,)),
        ]

    return np.dtype(
        [("columns", ">i2"), ("id_bytes", ">i4"), ("item_id", ">i8"), *halfvec("vector"), *halfvec("history")]
    )

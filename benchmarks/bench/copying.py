"""Columns of numpy arrays into a table by binary COPY, without a Python object per row."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from catalog.sql import Cursor

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS_PER_BLOCK = 16_384
_POSTGRES_EPOCH_S = 946_684_800

Columns = Mapping[str, NDArray[Any]]


def moments(unix_s: NDArray[Any]) -> NDArray[np.int64]:
    """timestamptz on the wire: microseconds since 2000."""
    return (unix_s.astype(np.int64) - _POSTGRES_EPOCH_S) * 1_000_000


def texts(prefix: str, numbers: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """`prefix` and each number, all of one length."""
    width = len(str(int(numbers.max(initial=1))))
    return np.char.add(prefix.encode(), np.char.zfill(numbers.astype(f"S{width}"), width))


def copy_in(raw: Cursor, table: str, columns: Columns) -> None:
    """All rows in one COPY. Columns are of numbers as wide as the table's, of booleans, or of texts all as long as
    their dtype."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with raw.copy(statement) as copy:
        for block in _blocks(columns):
            copy.write(block)


def copy_text(raw: Cursor, table: str, names: tuple[str, ...], lines: Iterator[str]) -> None:
    """Rows as lines of COPY's text format, in blocks."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with raw.copy(statement) as copy:
        for block in lines:
            copy.write(block)


def _blocks(columns: Columns) -> Iterator[bytes]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, values in columns.items():
        fields += [(f"{name} bytes", ">i4"), (name, values.dtype.newbyteorder(">").str)]
    dtype = np.dtype(fields)
    n = len(next(iter(columns.values())))
    yield _HEADER
    for start in range(0, n, _ROWS_PER_BLOCK):
        part = slice(start, min(start + _ROWS_PER_BLOCK, n))
        rows = np.empty(part.stop - part.start, dtype)
        rows["fields"] = len(columns)
        for name, values in columns.items():
            rows[f"{name} bytes"] = values.dtype.itemsize
            rows[name] = values[part]
        yield rows.tobytes()
    yield _TRAILER

"""Rows as files, in pieces: JSON lines, CSV for spreadsheets, Parquet."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

Batch = Sequence[Mapping[str, Any]]
# What spreadsheets take for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def json_lines(batches: Iterable[Batch], _columns: Mapping[str, str]) -> Iterator[bytes]:
    for batch in batches:
        yield b"".join(orjson.dumps(row) + b"\n" for row in batch)


def comma_separated(batches: Iterable[Batch], columns: Mapping[str, str]) -> Iterator[bytes]:
    """A text that a spreadsheet would run as a formula begins with an apostrophe instead."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for batch in batches:
        writer.writerows([_cell(row[name]) for name in columns] for row in batch)
        yield _taken(text)
    yield _taken(text)


def parquet(batches: Iterable[Batch], columns: Mapping[str, str]) -> Iterator[bytes]:
    types = {
        "text": pa.string(),
        "texts": pa.list_(pa.string()),
        "time": pa.timestamp("us", "UTC"),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "json": pa.string(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        for batch in batches:
            rows = [{name: _column(row[name], columns[name]) for name in columns} for row in batch]
            writer.write_table(pa.Table.from_pylist(rows, schema))
            yield sink.taken()
    yield sink.taken()


FORMATS: dict[str, Callable[[Iterable[Batch], Mapping[str, str]], Iterator[bytes]]] = {
    "jsonl": json_lines,
    "csv": comma_separated,
    "parquet": parquet,
}


def _column(value: Any, kind: str) -> Any:
    return orjson.dumps(value).decode() if kind == "json" else value


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "|".join(value)
    elif isinstance(value, dict):
        value = orjson.dumps(value).decode()
    elif hasattr(value, "isoformat"):
        value = value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


class _Sink(io.RawIOBase):
    """Holds what was written since it was last taken."""

    def __init__(self) -> None:
        super().__init__()
        self._piece, self._written = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._piece += data
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def taken(self) -> bytes:
        piece, self._piece = bytes(self._piece), bytearray()
        return piece

"""Answers as lines of JSON or as Parquet: encoded where they were made, put into one file by the process that waits."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypedDict

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from retrieval.types import RetrievalError, Scores


class UnknownFormat(RetrievalError):
    """The file's name ends in nothing that can be written."""


class Row(TypedDict):
    """One user's candidates, best first; `sources`: of each the one that ranked it best. mix, model: versions."""

    user_id: str
    known_user: bool
    item_ids: list[str]
    scores: Scores
    sources: list[str]
    degraded: list[str]
    mix: int
    model: int


class Sink(Protocol):
    def write(self, encoded: bytes) -> None: ...


class Format(Protocol):
    def encode(self, rows: Sequence[Row]) -> bytes:
        """For a sink of the same format, in this process or another."""
        ...

    def open(self, file: IO[bytes]) -> Sink: ...

    def close(self, sink: Sink) -> None: ...


class JsonLines:
    def encode(self, rows: Sequence[Row]) -> bytes:
        return b"".join(
            orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE) for row in rows
        )

    def open(self, file: IO[bytes]) -> Sink:
        return file  # type: ignore[return-value]  # which says how much it wrote

    def close(self, sink: Sink) -> None:
        pass


_SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("known_user", pa.bool_()),
        ("item_ids", pa.list_(pa.string())),
        ("scores", pa.list_(pa.float32())),
        ("sources", pa.list_(pa.string())),
        ("degraded", pa.list_(pa.string())),
        ("mix", pa.int64()),
        ("model", pa.int64()),
    ]
)


class _ParquetSink:
    def __init__(self, file: IO[bytes]) -> None:
        self.writer = pq.ParquetWriter(file, _SCHEMA, compression="zstd")

    def write(self, encoded: bytes) -> None:
        self.writer.write_table(pa.ipc.open_stream(encoded).read_all())


class Parquet:
    def encode(self, rows: Sequence[Row]) -> bytes:
        columns = {name: [row[name] for row in rows] for name in _SCHEMA.names}  # type: ignore[literal-required]
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, _SCHEMA) as writer:
            writer.write_table(pa.table(columns, schema=_SCHEMA))
        packed: bytes = stream.getvalue().to_pybytes()
        return packed

    def open(self, file: IO[bytes]) -> Sink:
        return _ParquetSink(file)

    def close(self, sink: Sink) -> None:
        if isinstance(sink, _ParquetSink):
            sink.writer.close()


FORMATS: Mapping[str, Format] = {".jsonl": JsonLines(), ".parquet": Parquet()}


def format_of(path: Path) -> str:
    """The key of FORMATS by the name's ending. Raises UnknownFormat."""
    if path.suffix not in FORMATS:
        raise UnknownFormat(f"{path.name} is none of {', '.join(FORMATS)}.")
    return path.suffix


@contextmanager
def writing(path: Path) -> Iterator[Sink]:
    """A sink whose file takes its place only once it is whole."""
    format_ = FORMATS[format_of(path)]
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            sink = format_.open(file)
            yield sink
            format_.close(sink)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(path)

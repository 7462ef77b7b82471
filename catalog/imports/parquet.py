from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.imports.delimited import require_columns
from catalog.imports.rows import BadRow, ImportFileError, RawRow

_ROWS_AT_ONCE = 5_000


class ParquetRows:
    """Parquet, a row group's pages at a time; a null means: not given."""

    def __init__(self, path: Path, required: Sequence[str]) -> None:
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise ImportFileError(f"The file is not Parquet: {error}.") from error
        require_columns(self._file.schema_arrow.names, required)
        self.size: int = self._file.metadata.num_rows
        self._read = 0

    def position(self) -> int:
        return self._read

    def close(self) -> None:
        self._file.close()

    def rows(self) -> Iterator[RawRow | BadRow]:
        try:
            for batch in self._file.iter_batches(_ROWS_AT_ONCE):
                for cells in _in_microseconds(batch).to_pylist():
                    self._read += 1
                    yield RawRow(self._read, {name: cell for name, cell in cells.items() if cell is not None})
        except (pa.ArrowException, OSError) as error:
            raise ImportFileError(f"The file is damaged after row {self._read}: {error}.") from error


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python's datetime has no nanoseconds, which is what pandas writes."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            cast = batch.column(index).cast(pa.timestamp("us", field.type.tz), safe=False)
            batch = batch.set_column(index, field.name, cast)
    return batch

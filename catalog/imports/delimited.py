import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.imports.lines import Lines, LineTooLong
from catalog.imports.rows import BadRow, ImportFileError, RawRow


class CommaSeparated:
    """CSV with a header row, in UTF-8; an empty cell means: not given."""

    def __init__(self, path: Path, required: Sequence[str]) -> None:
        self._lines = Lines(path)
        self.size = self._lines.size
        self._reader = csv.reader(_Decoded(self._lines))
        try:
            header = next(self._reader, [])
        except (csv.Error, LineTooLong) as error:
            raise ImportFileError(f"The first line is not a CSV header: {error}.") from error
        self._columns = [name.strip() for name in header]
        require_columns(self._columns, required)

    def position(self) -> int:
        return self._lines.position()

    def close(self) -> None:
        self._lines.close()

    def rows(self) -> Iterator[RawRow | BadRow]:
        while True:
            first_line = self._lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(first_line, "", f"Not CSV: {error}.")
            except LineTooLong as error:
                yield BadRow(first_line, "", str(error))
            else:
                if cells:
                    yield self._row(first_line, cells)

    def _row(self, line: int, cells: list[str]) -> RawRow | BadRow:
        if len(cells) != len(self._columns):
            return BadRow(line, "", f"Has {len(cells)} cells where the header has {len(self._columns)}.")
        given = zip(self._columns, cells, strict=True)
        return RawRow(line, {column: cell for column, cell in given if cell != ""})


class _Decoded(Iterator[str]):
    """An iterator, not a generator: it must go on after a line that was too long."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def __next__(self) -> str:
        # Bad bytes become half surrogates, which the check of each text finds and names.
        return next(self._lines).decode("utf-8", "surrogateescape")


def require_columns(columns: Sequence[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in columns]
    if missing:
        raise ImportFileError(
            f"The file has no column {', '.join(missing)}; it has {', '.join(columns) or 'none at all'}."
        )

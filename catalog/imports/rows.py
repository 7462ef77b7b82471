"""What a file is to the rest of the import: numbered rows of cells, good or bad."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


class ImportFileError(Exception):
    """The file as a whole can't be read: another format, a missing column, damaged. Says what to do."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """Cells by column name, as the format delivers them. Lines count from 1; in Parquet they are rows."""

    line: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BadRow:
    line: int
    field: str  # empty: the row as a whole
    reason: str


class Source(Protocol):
    """An open file."""

    @property
    def size(self) -> int:
        """Of the whole, in the unit of `position`."""

    def position(self) -> int:
        """How far reading has come."""

    def close(self) -> None: ...

    def rows(self) -> Iterator[RawRow | BadRow]:
        """In the order of the file, a few at a time in memory. Raises ImportFileError."""

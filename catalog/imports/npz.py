from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from catalog.imports.delimited import require_columns
from catalog.imports.rows import BadRow, ImportFileError, RawRow


class NpzArrays:
    """NumPy's archive: parallel arrays by column name, read whole. What is pickled is refused, as it could run code."""

    def __init__(self, path: Path, required: tuple[str, ...]) -> None:
        try:
            with np.load(path, allow_pickle=False) as archive:
                require_columns(list(archive), required)
                self._columns = {name: archive[name] for name in required}
        except (ValueError, OSError, EOFError, BadZipFile) as error:
            raise ImportFileError(f"The file is no NPZ of plain arrays: {error}.") from error
        lengths = {name: len(column) if column.ndim else -1 for name, column in self._columns.items()}
        if len(set(lengths.values())) != 1 or -1 in lengths.values():
            raise ImportFileError(f"The arrays must have as many rows as each other: {lengths}.")
        self.size: int = next(iter(lengths.values()))
        self._read = 0

    def position(self) -> int:
        return self._read

    def close(self) -> None:
        self._columns = {}

    def rows(self) -> Iterator[RawRow | BadRow]:
        for row in range(self.size):
            self._read = row + 1
            cells = {name: column[row] for name, column in self._columns.items()}
            # Numbers and texts as other formats deliver them; rows of numbers stay arrays.
            yield RawRow(
                self._read, {name: cell if cell.ndim else cell.item() for name, cell in cells.items()}
            )

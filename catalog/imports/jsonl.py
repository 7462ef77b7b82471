from collections.abc import Iterator
from pathlib import Path

import orjson

from catalog.imports.lines import Lines, LineTooLong
from catalog.imports.rows import BadRow, RawRow


class JsonLines:
    """One JSON object a line; blank lines are skipped."""

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)
        self.size = self._lines.size

    def position(self) -> int:
        return self._lines.position()

    def close(self) -> None:
        self._lines.close()

    def rows(self) -> Iterator[RawRow | BadRow]:
        while True:
            try:
                line = next(self._lines)
            except StopIteration:
                return
            except LineTooLong as error:
                yield BadRow(self._lines.number, "", str(error))
                continue
            if line.strip():
                yield self._parse(line)

    def _parse(self, line: bytes) -> RawRow | BadRow:
        try:
            cells = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            return BadRow(self._lines.number, "", f"Not JSON: {error}.")
        if not isinstance(cells, dict):
            return BadRow(self._lines.number, "", "Not a JSON object.")
        return RawRow(self._lines.number, cells)

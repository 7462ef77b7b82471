"""Lines of a text file, compressed or not, none of them longer than memory can bear."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from catalog.imports.rows import ImportFileError

LINE_LIMIT = 1_048_576  # bytes
_BOM = b"\xef\xbb\xbf"


class LineTooLong(Exception):
    """Says that one line was skipped; the next call goes on with the one after it."""


class Lines(Iterator[bytes]):
    """Each line with its end. `number` is that of the line delivered last, from 1."""

    def __init__(self, path: Path) -> None:
        self.number = 0
        self.size = path.stat().st_size
        self._file = path.open("rb")
        self._stream = (
            cast(BinaryIO, gzip.GzipFile(fileobj=self._file)) if path.suffix == ".gz" else self._file
        )

    def position(self) -> int:
        """Bytes of the file, compressed where it is, read so far."""
        return self._file.tell()

    def close(self) -> None:
        self._file.close()

    def __next__(self) -> bytes:
        line = self._read()
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LINE_LIMIT:
            while line and not line.endswith(b"\n"):
                line = self._read()
            raise LineTooLong(f"The line is longer than {LINE_LIMIT} bytes.")
        return line.removeprefix(_BOM) if self.number == 1 else line

    def _read(self) -> bytes:
        try:
            return self._stream.readline(LINE_LIMIT + 1)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise ImportFileError(
                f"The compressed file is damaged after line {self.number}: {error}. What came before is imported; "
                "importing a whole copy adds only the rest."
            ) from error

"""The first rows of a file as an import would read them, and what it would refuse; nothing is written."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.imports import KINDS, BadRow, Options, import_rows, open_source
from catalog.imports.cells import BadCell, Cells
from catalog.imports.kind import Kind
from catalog.imports.rows import RawRow, Source

CHECKED = 200
_SHOWN = 10
_TEXT = 80


class _Beginning:
    """The first rows of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size = source.size

    def position(self) -> int:
        return self._source.position()

    def close(self) -> None:
        self._source.close()

    def rows(self) -> Iterator[RawRow | BadRow]:
        return islice(self._source.rows(), CHECKED)


def preview(path: Path, kind_name: str, options: Options) -> dict[str, Any]:
    """columns, rows (of texts, as they would be read), bad (line, field, reason), and counts of the rows that were
    checked by what would become of them. Raises ImportFileError. `options` must be of a dry run."""
    kind = KINDS[kind_name]
    with closing(open_source(path, kind.required)) as source:
        read = [parsed for row in islice(source.rows(), _SHOWN) if (parsed := _read(kind, row))]
    bad: list[BadRow] = []
    with closing(open_source(path, kind.required)) as source:
        counts = import_rows(kind, _Beginning(source), options, on_bad=bad.append)
    columns = list(dict.fromkeys(name for row in read for name in row))
    return {
        "columns": columns,
        "rows": [[row.get(name, "") for name in columns] for row in read],
        "bad": [[row.line, row.field, row.reason] for row in bad[:_SHOWN]],
        "counts": dict(counts),
    }


def _read(kind: Kind[Any], row: RawRow | BadRow) -> dict[str, str]:
    """By column, what the row says; {} for one that can't be read."""
    if isinstance(row, BadRow):
        return {}
    try:
        parsed = kind.parse(Cells(row.cells))
    except BadCell:
        return {}
    if not is_dataclass(parsed):
        return {"row": _text(parsed)}
    named = {
        kind.columns.get(field.name, field.name): getattr(parsed, field.name) for field in fields(parsed)
    }
    given = {name: value for name, value in named.items() if value is not None and not _is_empty(value)}
    return {"line": str(row.line), **{name: _text(value) for name, value in given.items()}}


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value


def _text(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"

from collections.abc import Sequence
from pathlib import Path

from catalog.imports.delimited import CommaSeparated
from catalog.imports.jsonl import JsonLines
from catalog.imports.npz import NpzArrays
from catalog.imports.parquet import ParquetRows
from catalog.imports.rows import ImportFileError, Source


def open_source(path: Path, required: Sequence[str]) -> Source:
    """The file by its name's ending. Raises ImportFileError where it is absent, of another kind or lacks columns."""
    if not path.is_file():
        raise ImportFileError(f"There is no file {path}.")
    format_name = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if format_name in ("jsonl", "ndjson"):
        return JsonLines(path)
    if format_name == "csv":
        return CommaSeparated(path, required)
    if format_name == "parquet":
        return ParquetRows(path, required)
    if format_name == "npz":
        return NpzArrays(path, tuple(required))
    raise ImportFileError(
        f"{path.name} is none of .jsonl, .ndjson, .csv (each also with .gz), .parquet and .npz."
    )

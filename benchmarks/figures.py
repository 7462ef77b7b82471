"""What a measuring command prints for people, and writes as JSON lines for everybody else."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, beside its reference from the same run; `ratio` is value ÷ reference."""

    suite: str
    case: str
    metric: str
    value: float
    unit: str
    n: int  # samples, users, rows: what the value is a statistic of
    reference: float | None = None
    standard_error: float | None = None  # of the value, where it was estimated

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None


def publish(figures: Iterable[Figure], *, title: str, to_file: bool = True) -> None:
    """Prints the table; appends one JSON object per figure to the file that the variable JSON names, unless told not
    to."""
    figures = list(figures)
    table = Table(title=title)
    for column in ("suite", "case", "metric"):
        table.add_column(column)
    for column in ("value", "unit", "reference", "ratio", "n"):
        table.add_column(column, justify="right")
    estimated = any(f.standard_error is not None for f in figures)
    if estimated:
        table.add_column("±", justify="right")
    for f in figures:
        reference = "" if f.reference is None else f"{f.reference:,.4g}"
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        error = [] if not estimated else ["" if f.standard_error is None else f"{f.standard_error:.2g}"]
        table.add_row(
            f.suite, f.case, f.metric, f"{f.value:,.4g}", f.unit, reference, ratio, f"{f.n:,}", *error
        )
    Console(width=120).print(table)
    if to_file and (path := os.environ.get("JSON")):
        write_json_lines(figures, Path(path))


def write_json_lines(figures: Iterable[Figure], path: Path, **facts: str) -> None:
    """Appends; keys: suite, case, metric, value, unit, reference, ratio, n, `standard_error` where there is one, and
    `facts` that hold for all."""
    with path.open("a") as file:
        for figure in figures:
            line = {**asdict(figure), "ratio": figure.ratio, **facts}
            if figure.standard_error is None:
                del line["standard_error"]
            file.write(json.dumps(line) + "\n")

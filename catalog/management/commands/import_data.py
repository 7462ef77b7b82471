"""`manage.py import_data KIND FILE`: users, items, follows, events or vectors out of JSONL, CSV, Parquet or NPZ."""

from argparse import ArgumentParser
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from catalog.imports import KINDS, BadRow, ImportFileError, Options, import_rows, open_source
from catalog.imports.recording import Refused, line_of, record_file

_SHOWN = 10  # bad rows on the screen, where no report was asked for


class Command(BaseCommand):
    help = "Import users, items, follows, events or vectors; formats with examples: docs/data.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(KINDS))
        parser.add_argument("file", type=Path, help=".jsonl, .csv (each also .gz), .parquet or .npz")
        parser.add_argument("--create-missing", action="store_true", help="make unknown users and items")
        parser.add_argument("--create-types", action="store_true", help="make unknown event types, weight 1")
        parser.add_argument(
            "--set", default="content", help="the named set that vectors go into (%(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
        parser.add_argument("--report", type=Path, help="write each bad row (line, field, reason) as JSONL")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = Options(
            now=datetime.now(UTC),
            create_missing=options["create_missing"],
            create_types=options["create_types"],
            dry_run=options["dry_run"],
            vector_set=options["set"],
        )
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # OutputWrapper passes all on
        kind, path, report = options["kind"], options["file"], options["report"]
        counts: Counter[str] = Counter()
        refused = Refused()
        failure: Exception | None = None
        try:
            _import(kind, path, chosen, report, counts=counts, refused=refused)
        except (ImportFileError, OSError) as error:
            failure = error
        # Of a file that could not even be begun there is nothing to say but what the command says.
        if not chosen.dry_run and (counts or failure is None):
            error_text = "" if failure is None else str(failure)
            record_file(kind, path.name, counts, refused, began_at=chosen.now, error=error_text)
        if failure is not None:
            raise CommandError(str(failure)) from failure
        for _, row in [] if report else refused.kept[:_SHOWN]:
            console.print(line_of(row), markup=False)
        console.print(_summary(counts))
        if refused.count > _SHOWN and not report:
            console.print("More rows are bad: --report FILE lists them all.")
        if chosen.dry_run:
            console.print("A dry run: nothing was written.")


def _import(
    kind: str,
    path: Path,
    options: Options,
    report_path: Path | None,
    *,
    counts: Counter[str],
    refused: Refused,
) -> None:
    """Adds to counts and to refused, so that they are there whatever is raised."""
    with ExitStack() as stack:
        source = stack.enter_context(closing(open_source(path, KINDS[kind].required)))
        report = stack.enter_context(report_path.open("w", encoding="utf-8")) if report_path else None
        progress = stack.enter_context(_progress())
        bar = progress.add_task(f"Importing {kind}", total=source.size)

        def on_bad(row: BadRow) -> None:
            if report:
                report.write(_json_line(row))
            refused.add(row)

        import_rows(
            KINDS[kind],
            source,
            options,
            on_bad=on_bad,
            on_batch=lambda: progress.update(bar, completed=source.position()),
            counts=counts,
        )
        progress.update(bar, completed=source.size)


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _json_line(row: BadRow) -> str:
    return orjson.dumps({"line": row.line, "field": row.field, "reason": row.reason}).decode() + "\n"


def _summary(counts: Counter[str]) -> Table:
    table = Table("rows", "count")
    for status, count in sorted((+counts).items()):
        table.add_row(status, f"{count:,}")
    table.add_row("all", f"{counts.total():,}")
    return table

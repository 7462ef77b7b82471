"""`manage.py candidates --out FILE`: candidates of many users at once, as JSONL or Parquet."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from catalog.models import User
from retrieval.batch import Question, Tally, available_processes, format_of, run
from retrieval.types import RetrievalError


class Command(BaseCommand):
    help = "Candidates of many users, one row each, in the order given; what is served, but for the cache."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--users", default="-", help="a file of external ids, one a line; - (the default): every user"
        )
        parser.add_argument("--k", type=int, default=1000, help="how many candidates of each; default 1000")
        parser.add_argument("--out", type=Path, required=True, help=".jsonl or .parquet")
        parser.add_argument("--surface", default="default", help="whose mix; default: default")
        parser.add_argument(
            "--processes", type=int, default=available_processes(), help="default: one per core"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            question = Question(
                k=options["k"],
                now=timezone.now(),
                surface=options["surface"],
                format=format_of(options["out"]),
            )
            with _progress() as progress:
                bar = progress.add_task("Answering", users=0)
                tally = run(
                    _every_user() if options["users"] == "-" else _listed(Path(options["users"])),
                    question,
                    options["out"],
                    processes=options["processes"],
                    on_progress=lambda tally: progress.update(bar, users=tally.users),
                )
        except (RetrievalError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_summary(tally, time.monotonic() - started))


def _every_user() -> Iterator[str]:
    return User.objects.order_by("id").values_list("external_id", flat=True).iterator(chunk_size=2000)


def _listed(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if user := line.rstrip("\r\n"):
                yield user


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        TextColumn("{task.fields[users]} users"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _summary(tally: Tally, seconds: float) -> str:
    return (
        f"{tally.users} users in {seconds:.1f} s: {tally.users / max(seconds, 1e-9):.0f} users/s. "
        f"{tally.unknown} unknown, {tally.short} short, {tally.degraded} degraded."
    )

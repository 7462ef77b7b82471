"""`manage.py evaluate`: how good the installed product is, by what its users did after a version's cutoff."""

import datetime as dt
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from retrieval.evaluation.installed import Evaluation, NothingToJudge, evaluate
from retrieval.evaluation.trial import newest_share_begins, trial
from retrieval.models import LivePointer, ModelVersion
from retrieval.types import RetrievalError

_SHOWN = ("recall@20", "recall@100", "recall@500", "recall@1000", "ndcg@20", "mrr@20", "coverage@100")


class Command(BaseCommand):
    help = "Measure a model version, and the published mix with it, on what users did after its cutoff."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version, of Django, gives way.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--version", type=int, metavar="ID", help="default: the live version")
        parser.add_argument(
            "--trial",
            action="store_true",
            help="train a version without the newest events, and drop it again",
        )
        parser.add_argument(
            "--cutoff", type=dt.datetime.fromisoformat, help="of the trial; default: before the newest tenth"
        )
        parser.add_argument("--users", type=int, default=1_000, help="at most this many; default: 1000")
        parser.add_argument("--surface", default="default", help="whose published mix")
        parser.add_argument("--json", type=Path, metavar="PATH", help="append one JSON object a figure")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with self._version(options) as version:
                found = evaluate(version, most_users=options["users"], surface=options["surface"])
        except RetrievalError as error:
            raise CommandError(str(error)) from error
        self._show(found)
        if options["json"]:
            with options["json"].open("a") as file:
                file.writelines(json.dumps(line) + "\n" for line in _lines(found))

    def _version(self, options: dict[str, Any]) -> AbstractContextManager[ModelVersion]:
        if options["trial"] or options["cutoff"]:
            cutoff = options["cutoff"] or newest_share_begins()
            if cutoff is None:
                raise NothingToJudge("There are no events yet.")
            cutoff = cutoff if cutoff.tzinfo else cutoff.replace(tzinfo=dt.UTC)
            self.stdout.write(f"Training a trial on the events before {cutoff:%Y-%m-%d %H:%M} …")
            return trial(cutoff)
        if options["version"]:
            version = ModelVersion.objects.filter(id=options["version"]).first()
        else:
            pointer = LivePointer.objects.select_related("version").first()
            version = pointer.version if pointer else None
        if version is None:
            raise NothingToJudge(
                "There is no such version: build one by `manage.py offline`, or use --trial."
            )
        return nullcontext(version)

    def _show(self, found: Evaluation) -> None:
        table = Table(
            title=f"Version {found.version.id} as of {found.version.cutoff:%Y-%m-%d %H:%M}: {found.users:,} users with "
            f"something to find, {found.items:,} items, full ranking"
        )
        for column in ("suite", "case", *_SHOWN):
            table.add_column(column)
        for case in found.cases:
            table.add_row(case.suite, case.name, *(f"{case.values[metric]:.4f}" for metric in _SHOWN))
        console = Console(width=130)
        with console.capture() as capture:
            console.print(table)
        self.stdout.write(capture.get())
        self.stdout.write("What the sources know is as of the cutoff:")
        for name, why in found.used.items():
            self.stdout.write(f"  {name}: {why}")
        for name in found.left_out:
            self.stdout.write(
                f"  {name}: left out, it may know what came after; the mix is measured without it"
            )
        self.stdout.write("Profiles, blocks and what items say of themselves are as of now.")
        if found.absent:
            self.stdout.write(
                f"{found.absent:.1%} of what was to be found was not there yet: no list could have held it."
            )


def _lines(found: Evaluation) -> Iterator[dict[str, Any]]:
    """As `make evaluate` writes them; the reference is popularity."""
    reference = found.cases[0].values
    for case in found.cases:
        for metric, value in case.values.items():
            compares = case.suite != "baseline" and not metric.startswith(("coverage", "gini"))
            least = reference[metric] if compares else None
            yield {
                "suite": case.suite,
                "case": case.name,
                "metric": metric,
                "value": value,
                "unit": "share",
                "n": found.users,
                "reference": least,
                "ratio": value / least if least else None,
                "data": "installed",
                "protocol": "after-cutoff",
                "version": found.version.id,
            }

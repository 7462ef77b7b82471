"""`manage.py offline`: turns events into a live model version, or takes up a run, or rolls back.

Several processes train together by the same command, from the snapshot of a version begun before:

    manage.py offline --until snapshot
    torchrun --nproc-per-node 2 manage.py offline --resume ID
"""

import datetime as dt
import json
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval import versions
from retrieval.offline import pipeline, training
from retrieval.types import RetrievalError


class Command(BaseCommand):
    help = "Snapshot, train, embed, index, evaluate, warm and promote a model version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cutoff", type=_moment, help="learn from events before this ISO time; default: now"
        )
        parser.add_argument("--resume", type=int, metavar="ID", help="take up this version where it stopped")
        parser.add_argument(
            "--until", choices=pipeline.STEPS, default=pipeline.STEPS[-1], help="the last step"
        )
        parser.add_argument("--dim", type=int, default=128, help="dimensions of a new version")
        parser.add_argument("--config", type=json.loads, default={}, help="JSON: fields of TowerConfig")
        parser.add_argument(
            "--rollback", action="store_true", help="only make the previous version live again"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["rollback"]:
                self.stdout.write(f"Version {versions.rollback()} is live again.")
                return
            together = int(os.environ.get("WORLD_SIZE", "1")) > 1
            if together and not options["resume"]:
                raise CommandError("torchrun needs --resume ID: begin the version with --until snapshot.")
            if together and os.environ["RANK"] != "0":
                training.beside(options["resume"])
                return
            version_id = options["resume"] or self._new_version(options)
            self.stdout.write(f"Version {version_id}")
            pipeline.run(version_id, until=options["until"], on_step=self._tell)
        except RetrievalError as error:
            raise CommandError(str(error)) from error

    def _new_version(self, options: dict[str, Any]) -> int:
        cutoff = options["cutoff"] or dt.datetime.now(dt.UTC)
        return pipeline.start(cutoff, dim=options["dim"], config=options["config"])

    def _tell(self, step: str, report: dict[str, Any] | None) -> None:
        if report is None:
            self.stdout.write(f"  {step} …", ending="")
            self.stdout.flush()
        else:
            self.stdout.write(f" {report['seconds']} s")


def _moment(text: str) -> dt.datetime:
    """An ISO time; UTC where it names no zone."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)

"""`manage.py snapshot_vectors`: builds this machine's snapshots of the live version for VECTOR_ENGINE=faiss."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval.ann import too_large_to_keep
from retrieval.ann.snapshots import LAYOUTS, Manifest, build_snapshot, rebuild_if_due
from retrieval.config import config
from retrieval.types import LiveModel, RetrievalError
from retrieval.versions import live_model


class Command(BaseCommand):
    help = "Build this machine's snapshots of the live version's vectors; web processes take them up within a second."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--layout", choices=LAYOUTS, help="default: FAISS_LAYOUT")
        parser.add_argument("--threads", type=int, help="of the build; default: FAISS_BUILD_THREADS")
        parser.add_argument("--if-due", action="store_true", help="only where the present one will not do")
        parser.add_argument(
            "--every-s",
            type=float,
            help="look so often whether one is due, until Ctrl-C: on machines without worker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        every_s = options["every_s"]
        if options["threads"] is not None and options["threads"] < 1:
            raise CommandError(f"--threads is {options['threads']}: use 1 or more.")
        if every_s is not None and every_s <= 0:
            raise CommandError(f"--every-s is {every_s}: use a number above 0.")
        while True:
            try:
                self._once(options, if_due=options["if_due"] or every_s is not None)
            except RetrievalError as error:
                if every_s is None:
                    raise CommandError(str(error)) from error
                self.stderr.write(str(error))
            if every_s is None:
                return
            time.sleep(every_s)

    def _once(self, options: dict[str, Any], *, if_due: bool) -> None:
        model = live_model()
        if model is None:
            raise CommandError("No version is live: run `manage.py offline` first.")
        for part in too_large_to_keep(model) or [model]:
            self._tell(rebuild_if_due(part) if if_due else self._built(part, options), part)
        if config().vector_engine != "faiss":
            self.stdout.write("VECTOR_ENGINE is not faiss: nothing searches it yet.")

    def _tell(self, built: Manifest | None, model: LiveModel) -> None:
        if built is None:
            self.stdout.write(f"{model.vectors_table}: the snapshot that is there will do.")
            return
        size_mb = sum(file.bytes for file in built.files.values()) / 1e6
        self.stdout.write(
            f"{model.vectors_table}: {built.rows:,} vectors as {built.layout} in {built.build_s:.1f} s, "
            f"{size_mb:,.1f} MB."
        )

    def _built(self, model: LiveModel, options: dict[str, Any]) -> Manifest:
        return build_snapshot(
            model,
            layout=options["layout"] or config().faiss_layout,
            threads=options["threads"] or config().faiss_build_threads,
        )

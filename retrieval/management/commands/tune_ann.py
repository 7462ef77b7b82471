"""`manage.py tune_ann`: recall and latency of the live version's search by effort, and which effort to ask for."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from retrieval.ann.snapshots import build_snapshot
from retrieval.config import config
from retrieval.search_tuning import EFFORTS, Tuning, tune_search
from retrieval.types import RetrievalError
from retrieval.versions import live_model

_EFFORT_MOST = 1000


class Command(BaseCommand):
    help = "Measure the live version's search with users' vectors, and recommend an ef_search for a recall."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--k", type=int, default=400, help="items asked for; default: 400")
        parser.add_argument("--queries", type=int, default=100, help="users at most; default: 100")
        parser.add_argument("--target", type=float, default=0.95, help="mean recall to reach; default: 0.95")
        parser.add_argument(
            "--efforts", type=int, nargs="+", default=list(EFFORTS), help="ef_search, up to 1000 each"
        )
        parser.add_argument(
            "--build", action="store_true", help="build this machine's FAISS snapshot first, by FAISS_LAYOUT"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("k", "queries"):
            if options[name] < 1:
                raise CommandError(f"--{name} is {options[name]}: use 1 or more.")
        if not 0 < options["target"] <= 1:
            raise CommandError(f"--target is {options['target']}: use a share, like 0.95.")
        if wrong := [effort for effort in options["efforts"] if not 1 <= effort <= _EFFORT_MOST]:
            raise CommandError(f"--efforts has {wrong[0]}: use 1 to {_EFFORT_MOST}.")
        model = live_model()
        if model is None:
            raise CommandError("No version is live: run `manage.py offline` first.")
        try:
            if options["build"]:
                build_snapshot(model, layout=config().faiss_layout, threads=config().faiss_build_threads)
            tuning = tune_search(
                model,
                k=options["k"],
                queries=options["queries"],
                target=options["target"],
                efforts=options["efforts"],
                say=self.stdout.write,
            )
        except RetrievalError as error:
            raise CommandError(str(error)) from error
        self._show(tuning)

    def _show(self, tuning: Tuning) -> None:
        table = Table(title=f"recall@{tuning.k} of {tuning.rows:,} vectors, {tuning.queries} users")
        for column in ("engine", "ef_search", "setting"):
            table.add_column(column)
        for column in ("recall", "19 of 20", "p50 ms", "p95 ms"):
            table.add_column(column, justify="right")
        for curve in tuning.curves:
            for point in curve.points:
                present = " (the mix's)" if point.ef_search == tuning.present_ef else ""
                table.add_row(
                    curve.engine,
                    f"{point.ef_search}{present}",
                    point.setting,
                    f"{point.recall:.4f}",
                    f"{point.worst:.4f}",
                    f"{point.p50_ms:.2f}",
                    f"{point.p95_ms:.2f}",
                )
        Console(file=self.stdout, width=110).print(table)  # type: ignore[arg-type]
        if (best := tuning.recommended()) is None:
            self.stdout.write(f"Nothing reaches a recall of {tuning.target}: see `ef_construction` and `m`.")
            return
        engine, point = best
        self.stdout.write(
            f"For a recall of {tuning.target}: {engine} with ef_search {point.ef_search} "
            f"({point.recall:.4f} at {point.p50_ms:.2f} ms)."
        )

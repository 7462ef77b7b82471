"""`manage.py backup FILE`: everything that must not be lost, while the product serves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from recsys_site.backups import BackupError, dump


class Command(BaseCommand):
    help = "Write a backup of the whole installation, as of now, to FILE (pg_dump's custom format)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--metrics",
            type=Path,
            metavar="FILE.prom",
            help="Written after a success, for node_exporter's textfile collector: when, and how large.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}: make it first.")
        try:
            size = dump(file, database_url=settings.DATABASE_URL)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if options["metrics"]:
            _tell(options["metrics"], size)
        self.stdout.write(f"{file}: {size / 1_000_000:,.1f} MB. Restore it with `manage.py restore {file}`.")


def _tell(file: Path, size_bytes: int) -> None:
    """A backup runs where and when it likes, so no process of ours is scraped for it."""
    own = CollectorRegistry()
    Gauge(
        "headwater_backup_finished_seconds", "When the newest backup was whole.", registry=own
    ).set_to_current_time()
    Gauge("headwater_backup_size_bytes", "Of the newest backup.", registry=own).set(size_bytes)
    write_to_textfile(str(file), own)

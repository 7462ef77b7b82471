"""`manage.py backup FILE`: everything that must not be lost, while the product serves."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand, CommandError

from recsys_site.backups import BackupError, dump


class Command(BaseCommand):
    help = "Write a backup of the whole installation, as of now, to FILE (pg_dump's custom format)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}: make it first.")
        try:
            size = dump(file, database_url=settings.DATABASE_URL)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {size / 1_000_000:,.1f} MB. Restore it with `manage.py restore {file}`.")

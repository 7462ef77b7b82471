"""`manage.py restore FILE`: a backup into an empty database, or in place of what is there."""

import os
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand, CommandError

from recsys_site.backups import BackupError, restore
from retrieval import trending
from retrieval.config import config
from retrieval.valkey import key, patient_client

_AT_ONCE = 10_000


class Command(BaseCommand):
    help = "Restore a backup of `manage.py backup`. Stop web, worker and beat before."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--replace", action="store_true", help="drop everything that the database has now"
        )
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many work at once")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(
                options["file"],
                database_url=settings.DATABASE_URL,
                replace=options["replace"],
                jobs=options["jobs"],
                memory_mb=max(config().index_build_mb // max(options["jobs"], 1), 64),
                forget_cache=_forget_cache,
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        trending.rebuild(datetime.now(UTC))
        self.stdout.write(
            f"{restored.tables} tables are back; {restored.forgotten:,} entries of the cache were forgotten. "
            "Run `manage.py migrate` where the code is newer than the backup, then start web, worker and beat."
        )


def _forget_cache() -> int:
    """How many keys of this installation were removed."""
    cache = patient_client()
    removed = 0
    keys: list[bytes] = []
    for name in cache.scan_iter(match=key("*"), count=_AT_ONCE):
        keys.append(name)
        if len(keys) == _AT_ONCE:
            removed, keys = removed + int(cache.unlink(*keys)), []
    return removed + (int(cache.unlink(*keys)) if keys else 0)

"""`manage.py down`: stops what `manage.py up` started, from any terminal."""

from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand

from recsys_site.embedded.services import stop_services
from recsys_site.running import group


class Command(BaseCommand):
    help = "Stop web, worker, beat and the embedded servers."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        var_dir = Path(settings.VAR_DIR)
        stopped = ["web, worker and beat"] if group.stop(var_dir) else []
        if settings.USES_EMBEDDED_SERVICES:
            stopped += stop_services(var_dir)
        self.stdout.write(f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.")

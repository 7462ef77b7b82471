"""`manage.py services start|stop|status`: owns the embedded Postgres and Valkey."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from django.core.management.base import BaseCommand, CommandError

from recsys_site.embedded.services import NAMES, services_status, start_services, stop_services


class Command(BaseCommand):
    help = "Start, stop or list the embedded Postgres, cache and broker (development only)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; none: all")

    def handle(self, *args: Any, **options: Any) -> None:
        names = tuple(options["names"]) or NAMES
        if unknown := set(names) - set(NAMES):
            raise CommandError(f"Unknown service {', '.join(sorted(unknown))}: use {', '.join(NAMES)}.")
        if not settings.USES_EMBEDDED_SERVICES:
            raise CommandError("DATABASE_URL is set: the servers are yours, not embedded ones.")
        var_dir = Path(settings.VAR_DIR)
        if options["action"] == "start":
            start_services(var_dir, names)
        elif options["action"] == "stop":
            stop_services(var_dir, names)
        for name, running in services_status(var_dir).items():
            self.stdout.write(f"{name:10} {'running' if running else 'stopped'}")

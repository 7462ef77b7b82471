"""Makes an API key and prints it, once: only its hash is kept."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from api.models import ApiKey, Scope


class Command(BaseCommand):
    help = "Makes an API key and prints it. It cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Whose key it is, at most 50 characters.")
        parser.add_argument(
            "--scopes", default=Scope.READ.value, help=f"Comma-separated, of: {', '.join(Scope.values)}."
        )
        parser.add_argument("--days", type=int, help="Expires after this many days; never where absent.")

    def handle(self, *args: Any, name: str, scopes: str, days: int | None, **options: Any) -> None:
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        if not wanted or (unknown := sorted(set(wanted) - set(Scope.values))):
            wrong = f"unknown: {', '.join(unknown)}" if wanted else "none given"
            raise CommandError(f"--scopes: {wrong}; use some of {', '.join(Scope.values)}.")
        if not 0 < len(name) <= 50:
            raise CommandError("The name must have 1 to 50 characters.")
        expiry = timezone.now() + timedelta(days=days) if days else None
        _, key = ApiKey.objects.create_key(name=name, scopes=wanted, expiry_date=expiry)
        self.stdout.write(key)
        self.stderr.write(f"Key {name!r} with {', '.join(wanted)}. Keep it: it is not shown again.")

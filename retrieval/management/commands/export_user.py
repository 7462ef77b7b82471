"""`manage.py export_user ID`: all that is held about one user, as JSON."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval.erasing import held_about


class Command(BaseCommand):
    help = "Writes all that is held about a user to the standard output, as one JSON object."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_id", help="The external id.")

    def handle(self, *args: Any, user_id: str, **options: Any) -> None:
        pieces = held_about(user_id, datetime.now(UTC))
        if pieces is None:
            raise CommandError(f"There is no user {user_id!r}.")
        for piece in pieces:
            self.stdout.write(piece.decode(), ending="")
        self.stdout.write()

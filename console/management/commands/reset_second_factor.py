"""`manage.py reset_second_factor NAME`: for the last administrator, whom no other can let in again."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from console.second_factor.factors import note, reset


class Command(BaseCommand):
    help = "Takes the authenticator and the recovery codes of one of the staff away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def handle(self, *_: Any, name: str, **__: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"No account is named {name!r}.")
        if not reset(user):
            raise CommandError(f"{name} has no second factor.")
        note(user, user, "Reset the second factor, on the command line.")
        self.stdout.write(f"{name} sets up a new one at the next log-in, where REQUIRE_TOTP is on.")

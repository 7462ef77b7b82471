"""`manage.py publish_default_mix`: makes a new installation serve; changes nothing where a mix is published."""

from typing import Any

from django.core.management.base import BaseCommand

from retrieval.mixes import ensure_published


class Command(BaseCommand):
    help = "Publish the default mix where none is published yet."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Mix revision {ensure_published().revision} is published.")

"""`manage.py suggest_interests`: interests learned from what people like, the first set offered at once."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from coldstart.interests.suggesting import suggest_interests


class Command(BaseCommand):
    help = (
        "Add interests learned from what people like. The first set is offered; later ones wait in the admin."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        added = suggest_interests(datetime.now(UTC))
        self.stdout.write(f"{len(added)} interests were added" + (f": {', '.join(added)}." if added else "."))

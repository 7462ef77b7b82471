"""Who is warmed up: what the last round did, and on demand whom the next one would take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from retrieval import ahead
from retrieval.activity import most_active
from retrieval.config import config
from retrieval.models import LivePointer
from retrieval.valkey import CacheUnavailable

SHOWN = 20
_PATIENCE_MS = 2_000


@dataclass(frozen=True, slots=True)
class WarmUp:
    """round: of the scheduled computing ahead, None where none is known of. promoted: of the live version, before it
    served: users cached, of how many active ones, and seconds; {} where it was not warmed."""

    share: float
    round: ahead.Round | None
    promoted: dict[str, Any]

    @property
    def percent(self) -> str:
        return f"{100 * self.share:g} %"


def warm_up() -> WarmUp:
    try:
        last = ahead.last_round()
    except CacheUnavailable:
        last = None
    pointer = LivePointer.objects.select_related("version").first()
    promoted = pointer.version.report.get("warming", {}) if pointer else {}
    return WarmUp(config().precomputed_share, last, promoted)


def first_in_line(now: datetime) -> list[str] | None:
    """External ids of those whom the next round would begin with; None where finding them takes too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [_PATIENCE_MS])
            return most_active(now, at_most=SHOWN)
    except OperationalError:
        return None

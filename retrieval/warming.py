"""Gets a web process ready before its first request, which would otherwise pay for pools, plans and weights."""

import structlog
from django.db import connection
from django.utils import timezone

from catalog.models import UserHistory
from retrieval.ann import searched_by_snapshot
from retrieval.ann.snapshots import open_now
from retrieval.facts import preload_facts
from retrieval.service import retrieve
from retrieval.types import Request
from retrieval.versions import live_model

log = structlog.get_logger(__name__)

_PATIENCE_MS = 5_000
# Cold, a source may miss its own limit; it goes on loading what the next attempt finds.
_ATTEMPTS = 3


def warm_process() -> None:
    """Answers requests of a stranger and of a known user and forgets them. Where a store is away the process
    starts all the same: it says so on /readyz, and heals when the store is back."""
    try:
        _open_snapshots()
        for user in ("", _active_user()):
            _warm(user)
        preload_facts()
    except Exception as error:  # noqa: BLE001  a process that can't warm up must still start and say why
        log.warning("starting cold", error=str(error))
    finally:
        connection.close()  # of the starting thread, which serves nothing


def _open_snapshots() -> None:
    """Of the vectors, where some are searched: else the first requests would find them not opened yet."""
    model = live_model()
    for part in searched_by_snapshot(model) if model else ():
        open_now(part)


def _warm(user: str) -> None:
    for _ in range(_ATTEMPTS):
        request = Request(user=user, k=1000, now=timezone.now(), deadline_ms=_PATIENCE_MS, use_cache=False)
        if not retrieve(request).degraded:
            return


def _active_user() -> str:
    """Someone for whom every kind of source has work; "" where nobody did anything yet."""
    active = UserHistory.objects.filter(last_event_at__isnull=False).order_by("-last_event_at")
    return str(active.values_list("user__external_id", flat=True).first() or "")

"""When a key was last used, to the minute: one small write per key and minute, however many requests and processes."""

from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Q

from api.models import ApiKey

_TO_THE = timedelta(minutes=1)
log = structlog.get_logger(__name__)


def note_use(key: ApiKey, now: datetime) -> None:
    """Never raises: a key that works must not fail for its own book-keeping, as beside a read-only standby."""
    known = key.last_used_at
    if key.has_expired or (known is not None and now - known < _TO_THE):
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _TO_THE)
    try:
        with transaction.atomic():
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    except DatabaseError as error:
        log.warning("the use of a key is not noted", key=key.prefix, error=str(error).strip())

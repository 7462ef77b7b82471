"""What an erasure could not reach at once: what a request or a task under way wrote after it, and the cache."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction

from retrieval.erasing.tables import tables_of_people
from retrieval.models import Erasure
from retrieval.valkey import key, patient_client, user_key

# Longer than anything that began before an erasure may take to write what it knew of the person.
GRACE = timedelta(seconds=15)
_AT_ONCE = 1000
_GLOB = str.maketrans({sign: f"\\{sign}" for sign in "\\*?[]^-"})


def sweep(now: datetime) -> int:
    """How many people's rows and cache entries are gone for good now. Raises CacheUnavailable: then it was too early.

    One pass over the cache's keys, however many people; none where nobody waits.
    """
    with transaction.atomic():
        waiting = list(
            Erasure.objects.select_for_update(skip_locked=True)
            .filter(completed_at__isnull=True, erased_at__lte=now - GRACE)
            .exclude(pending_name="")
            .order_by("erased_at")[:_AT_ONCE]
        )
        if not waiting:
            return 0
        removed = _remove_keys({erasure.pending_name for erasure in waiting})
        for erasure in waiting:
            erasure.copies = {
                **erasure.copies,
                "late_rows": _remove_rows(erasure.pending_id),
                "cache_entries": removed[erasure.pending_name],
            }
            erasure.pending_name, erasure.pending_id = "", None
        Erasure.objects.bulk_update(waiting, ["copies", "pending_name", "pending_id"])
    return len(waiting)


def awaiting_snapshots() -> bool:
    """Whether somebody is gone from the tables and the cache, and not yet from training snapshots."""
    return Erasure.objects.filter(completed_at__isnull=True, pending_name="").exists()


def complete(now: datetime, *, began: datetime, **copies: int) -> int:
    """Closes the receipts of those who had been swept when the look for the last `copies` began."""
    with transaction.atomic():
        done = list(
            Erasure.objects.select_for_update().filter(
                completed_at__isnull=True, pending_name="", erased_at__lte=began
            )
        )
        for erasure in done:
            erasure.copies, erasure.completed_at = {**erasure.copies, **copies}, now
        Erasure.objects.bulk_update(done, ["copies", "completed_at"])
    return len(done)


def _remove_rows(user_id: int | None) -> int:
    """Of somebody who is gone; how many there still were."""
    removed = 0
    with connection.cursor() as cursor:
        for table in tables_of_people():
            where = " OR ".join(f"{connection.ops.quote_name(name)} = %s" for name in table.columns)
            name = connection.ops.quote_name(table.name)
            cursor.execute(f"DELETE FROM {name} WHERE {where}", [user_id] * len(table.columns))  # noqa: S608
            removed += cursor.rowcount
    return removed


def _remove_keys(names: Collection[str]) -> dict[str, int]:
    """How many keys of each were removed."""
    store = patient_client()
    removed = dict.fromkeys(names, 0)
    for name, found in _keys_of(names):
        removed[name] += int(store.unlink(found))
    return removed


def _keys_of(names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    beginnings = {user_key(name, "").encode(): name for name in names}
    wanted = next(iter(beginnings)).decode() if len(beginnings) == 1 else key("{u:")
    end = b"}:"
    for found in patient_client().scan_iter(match=f"{wanted.translate(_GLOB)}*", count=_AT_ONCE):
        at = found.find(end)
        # An id may hold the mark of its own end.
        while at >= 0:
            if (name := beginnings.get(found[: at + len(end)])) is not None:
                yield name, found
                break
            at = found.find(end, at + 1)

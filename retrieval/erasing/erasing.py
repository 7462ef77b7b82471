"""Erases a person and writes the receipt, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from catalog.models import User
from catalog.writing import delete_users
from retrieval.erasing.tables import tables_of_people
from retrieval.models import Erasure

_SALT = "headwater.erasure"


def erase(external_id: str, *, by: str, why: str, now: datetime) -> Erasure | None:
    """The receipt, committed with the erasure; None where there is no such user.

    The tables are clean with it. Copies elsewhere (candidates in the cache, graphs, training snapshots) are found by
    `sweep` in the background, and the receipt is completed then.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(external_id=external_id).only("id").first()
        if user is None:
            return None
        rows = {table.name: table.rows_of(user.pk).count() for table in tables_of_people()}
        delete_users([external_id])
        return Erasure.objects.create(
            user_hash=user_hash(external_id),
            erased_at=now,
            erased_by=by,
            why=why,
            rows={table: count for table, count in rows.items() if count},
            pending_name=external_id,
            pending_id=user.pk,
        )


def user_hash(external_id: str) -> str:
    """64 hex digits. Whoever holds SECRET_KEY and the id can find the receipt; nobody can read the id from it."""
    return salted_hmac(_SALT, external_id, algorithm="sha256").hexdigest()


def erasures_of(external_id: str) -> Sequence[Erasure]:
    """The receipts for this id, newest first, at most 100."""
    return list(Erasure.objects.filter(user_hash=user_hash(external_id)).order_by("-erased_at")[:100])

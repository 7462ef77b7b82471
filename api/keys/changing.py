"""The two ways in which a key ends before its time: replaced by another, or revoked."""

from datetime import datetime, timedelta

from django.db import transaction

from api.models import ApiKey


class NotAllowed(Exception):
    """The key is revoked or expired already; the text says so."""


def rotate(prefix: str, *, now: datetime, grace: timedelta) -> tuple[ApiKey, str]:
    """(the new key, its secret): of the same name, scopes and end. The old one works for `grace` more, and no longer
    than it would have. Raises NotAllowed."""
    with transaction.atomic():
        old = _usable(prefix, now)
        new, secret = ApiKey.objects.create_key(
            name=old.name, scopes=list(old.scopes), expiry_date=old.expiry_date
        )
        if grace:
            old.expiry_date = min(filter(None, (old.expiry_date, now + grace)))
        else:
            old.revoked = True
        old.save(update_fields=["expiry_date", "revoked"])
    assert isinstance(new, ApiKey)  # the library's types know only its own model
    return new, secret


def revoke(prefix: str, *, now: datetime) -> ApiKey:
    """The key, which opens nothing from a second later on, in every process. Raises NotAllowed."""
    with transaction.atomic():
        key = _usable(prefix, now)
        key.revoked = True
        key.save(update_fields=["revoked"])
    return key


def state_of(key: ApiKey, now: datetime) -> str:
    """active, expired or revoked."""
    if key.revoked:
        return "revoked"
    return "expired" if key.expiry_date is not None and key.expiry_date <= now else "active"


def _usable(prefix: str, now: datetime) -> ApiKey:
    key: ApiKey = ApiKey.objects.select_for_update().get(prefix=prefix)
    if (state := state_of(key, now)) != "active":
        raise NotAllowed(f"The key {prefix} is {state}; make a new one instead.")
    return key

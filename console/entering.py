"""Logging in to the admin, slowed down for who guesses.

Ten failures for one name from one address within a quarter of an hour, or a hundred for one name from anywhere, and no
password is looked at any more until some of them are older; codes after the password are counted in the same way, by
themselves. Counted in Postgres: every process knows, and a cache that is away opens nothing.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from unfold.forms import AuthenticationForm

from console.models import LogInAttempt

MOST_FROM_ONE_PLACE, MOST_OF_ONE_NAME = 10, 100
WINDOW = timedelta(minutes=15)
_KEPT = timedelta(days=1)
_SALT = "headwater.log-in"
log = structlog.get_logger(__name__)


class LogInForm(AuthenticationForm):
    def clean(self) -> dict[str, Any]:
        attempt = begin_attempt(str(self.cleaned_data.get("username", "")), self.request)
        cleaned: dict[str, Any] = super().clean()
        attempt.forget()
        return cleaned


def begin_attempt(name: str, request: HttpRequest | None) -> LogInAttempt:
    """The attempt, to be forgotten where it succeeds. Raises ValidationError where there were too many."""
    address = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    now = timezone.now()
    # Noted before the secret is looked at: many tries at once count each other.
    attempt = LogInAttempt.objects.create(
        name_hash=_hash(name), place_hash=_hash(f"{name}\0{address}"), at=now
    )
    if _too_many(attempt, now):
        log.warning("a log-in is refused unseen", reason="too many failures")
        raise ValidationError(
            "Too many failed attempts. Try again in a quarter of an hour.", code="throttled"
        )
    return attempt


def forget_attempts(now: datetime) -> None:
    LogInAttempt.objects.filter(at__lt=now - _KEPT).delete()


def _too_many(attempt: LogInAttempt, now: datetime) -> bool:
    lately = LogInAttempt.objects.filter(name_hash=attempt.name_hash, at__gt=now - WINDOW)
    of_name = list(lately.values_list("place_hash", flat=True)[: MOST_OF_ONE_NAME + 1])
    return len(of_name) > MOST_OF_ONE_NAME or of_name.count(attempt.place_hash) > MOST_FROM_ONE_PLACE


def _hash(text: str) -> str:
    # Names are matched as Django normalises them, whatever their case.
    return salted_hmac(_SALT, text.casefold(), algorithm="sha256").hexdigest()

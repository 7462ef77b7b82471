"""Is the work done that nobody waits for?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from coldstart.models import RollUp
from console.attention.line import Attention
from retrieval.models import MixRevision, PendingDay

# The ledger of new items is brought up to now every 20 seconds, whether anything arrived or not.
_SILENT = timedelta(minutes=5)
# Days are counted every fifteen minutes, four at a time.
_BEHIND = timedelta(hours=2)


def silent(now: datetime) -> Iterator[Attention]:
    """Worker or beat: nothing has run for minutes, or nothing ever in an installation that is older."""
    until = RollUp.objects.values_list("counted_until", flat=True).first()
    since = until or _installed_at()
    if since is None or since < now - _SILENT:
        yield Attention(
            "The worker or beat is silent: nothing has run in the background.",
            until,
            "Start both (the Procfile's lines) and look at their log; the broker must answer.",
            reverse("admin:coldstart_trial_changelist"),
            urgent=True,
        )


def _installed_at() -> datetime | None:
    """When its first mix was made; None where it has none."""
    return MixRevision.objects.order_by("number").values_list("created_at", flat=True).first()


def behind(now: datetime) -> Iterator[Attention]:
    """The roll-ups: a day has waited for hours to be counted."""
    oldest = PendingDay.objects.order_by("queued_at").first()
    if oldest is not None and oldest.queued_at < now - _BEHIND:
        yield Attention(
            f"Metrics are behind: {oldest.day:%d %B} waits to be counted.",
            oldest.queued_at,
            "After a large import this passes by itself; else look for retrieval.roll_up in the worker's log.",
            reverse("admin:retrieval_daytotals_changelist"),
        )

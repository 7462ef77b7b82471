"""Is what is served what was meant to be?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Sum
from django.urls import reverse

from console.attention.line import Attention
from retrieval import trending
from retrieval.models import AnswerHour, LivePointer, LiveRecall, ModelVersion

_STALE = timedelta(minutes=15)  # three rebuilds missed
RECALL_TARGET = 0.95
_LEAST_SAMPLES = 20
_OLD = timedelta(days=3)  # a version is trained every night
_LEAST_ANSWERS = 100
_MOST_DEGRADED, _MOST_SHORT = 0.01, 0.02


def stale_trends(now: datetime) -> Iterator[Attention]:
    at = trending.rebuilt_at()
    if at is None or at < now - _STALE:
        yield Attention(
            "Trends are stale: they were not made anew from Postgres.",
            at,
            "Look for retrieval.rebuild_trending in the worker's log; new events move them meanwhile.",
            reverse("admin:retrieval_publishedmix_changelist"),
            urgent=True,
        )


def low_recall(now: datetime) -> Iterator[Attention]:
    """The live index by what sampled searches of a day found, per engine."""
    live = LivePointer.objects.values_list("version_id", flat=True).first()
    if live is None:
        return
    rows = list(LiveRecall.objects.filter(version_id=live, hour__gt=now - timedelta(days=1)).order_by("hour"))
    for engine in sorted({row.engine for row in rows}):
        own = [row for row in rows if row.engine == engine and row.expected]
        expected, samples = sum(row.expected for row in own), sum(row.samples for row in own)
        recall = sum(row.hits for row in own) / expected if expected else 1.0
        if samples >= _LEAST_SAMPLES and recall < RECALL_TARGET:
            yield Attention(
                f"The live index finds {recall:.1%} of what an exact search finds ({engine}); the target is "
                f"{RECALL_TARGET:.0%}.",
                next(row.hour for row in own if row.recall < RECALL_TARGET),
                "Measure on the version's page Search, and have the mix ask for the ef_search that it recommends.",
                reverse("admin:retrieval_modelversion_search_of_version", args=[live]),
            )


def old_model(now: datetime) -> Iterator[Attention]:
    live = LivePointer.objects.select_related("version").first()
    if live is not None and live.version.cutoff < now - _OLD:
        yield Attention(
            f"The live model is old: version {live.version_id} learned from nothing newer.",
            live.version.cutoff,
            "See why no newer version was promoted: its error and gates stand on its page. The trainer must run.",
            reverse("admin:retrieval_modelversion_changelist"),
        )


def failed_model(_now: datetime) -> Iterator[Attention]:
    """Only the newest: an older failure has been made good."""
    newest = ModelVersion.objects.defer("report", "config").order_by("-id").first()
    if newest is not None and newest.state == ModelVersion.State.FAILED:
        why = newest.error.strip().splitlines()
        yield Attention(
            f"Version {newest.pk} failed" + (f": {why[-1][:160]}" if why else "."),
            newest.created_at,
            "Read its gates; `manage.py offline --resume` goes on where it stopped.",
            reverse("admin:retrieval_modelversion_change", args=[newest.pk]),
        )


def degraded(now: datetime) -> Iterator[Attention]:
    yield from _share_of_answers(
        now,
        "degraded",
        _MOST_DEGRADED,
        "of the answers lack something that should have helped.",
        "Look at the lights, and at the timeline of a request in the inspector: a source fails or is late.",
        urgent=True,
    )


def short(now: datetime) -> Iterator[Attention]:
    yield from _share_of_answers(
        now,
        "short",
        _MOST_SHORT,
        "of the answers have fewer candidates than asked for.",
        "Look at a user in the inspector; what filters removed says why. Fill sources or larger quotas help.",
    )


def _share_of_answers(
    now: datetime, column: str, most: float, what: str, do: str, *, urgent: bool = False
) -> Iterator[Attention]:
    """Of this hour and the one before."""
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    found = AnswerHour.objects.filter(hour__gte=since).aggregate(all=Sum("answers"), some=Sum(column))
    answers, some = found["all"] or 0, found["some"] or 0
    if answers >= _LEAST_ANSWERS and some / answers > most:
        link = f"{reverse('admin:retrieval_daytotals_changelist')}?step=hour&days=1"
        yield Attention(f"{some / answers:.1%} {what}", since, do, link, urgent=urgent)

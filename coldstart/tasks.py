"""Cold start's scheduled work: each task is a door to one function, harmless to run twice or at once."""

from datetime import UTC, datetime

from celery import shared_task

from catalog.partitions import ensure_partitions
from coldstart import demographics, ledger
from coldstart.impressions import IMPRESSIONS
from coldstart.interests import learn_representatives
from coldstart.interests.suggesting import suggest_interests


@shared_task(name="coldstart.rebuild_demographics", time_limit=1700)
def rebuild_demographics() -> None:
    demographics.rebuild(datetime.now(UTC))


@shared_task(name="coldstart.learn_representatives", time_limit=1700)
def learn_interests() -> None:
    learn_representatives(datetime.now(UTC))


@shared_task(name="coldstart.suggest_interests", time_limit=1700)
def suggest() -> None:
    suggest_interests(datetime.now(UTC))


@shared_task(name="coldstart.advance_ledger", time_limit=280)
def advance_ledger() -> None:
    ledger.advance(datetime.now(UTC))


@shared_task(name="coldstart.tend_impressions", time_limit=600)
def tend_impressions() -> None:
    now = datetime.now(UTC)
    ensure_partitions(now, of=IMPRESSIONS)
    ledger.prune(now)

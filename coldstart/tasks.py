"""Cold start's scheduled work: each task is a door to one function, harmless to run twice or at once."""

from datetime import UTC, datetime

from celery import shared_task

from coldstart import demographics
from coldstart.interests import learn_representatives


@shared_task(name="coldstart.rebuild_demographics", time_limit=1700)
def rebuild_demographics() -> None:
    demographics.rebuild(datetime.now(UTC))


@shared_task(name="coldstart.learn_representatives", time_limit=1700)
def learn_interests() -> None:
    learn_representatives(datetime.now(UTC))

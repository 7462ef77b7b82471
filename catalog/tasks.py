"""The catalog's scheduled work: each task is a door to one function."""

from datetime import UTC, datetime

from celery import shared_task

from catalog.changes import prune_changes
from catalog.partitions import ensure_partitions


@shared_task(name="catalog.ensure_partitions", time_limit=600)
def make_partitions() -> None:
    ensure_partitions(datetime.now(UTC))


@shared_task(name="catalog.prune_changes", time_limit=600)
def forget_old_changes() -> None:
    prune_changes()

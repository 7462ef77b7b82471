"""The console's work for the workers: each task is a door to one function."""

from datetime import UTC, datetime

from celery import shared_task

from console.data.running import run_import, tidy


@shared_task(name="console.run_import", time_limit=3_000)
def import_file(run_id: int) -> None:
    run_import(run_id)


@shared_task(name="console.tidy_imports", time_limit=300)
def tidy_imports() -> None:
    tidy(datetime.now(UTC))

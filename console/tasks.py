"""The console's work for the workers: each task is a door to one function."""

from datetime import UTC, datetime
from typing import Any

from celery import shared_task

from console.data.running import run_import, tidy
from console.entering import forget_attempts
from console.mixing.previewing import Question, compute


@shared_task(name="console.run_import", time_limit=3_000)
def import_file(run_id: int) -> None:
    run_import(run_id)


@shared_task(name="console.tidy", time_limit=300)
def tidy_up() -> None:
    now = datetime.now(UTC)
    tidy(now)
    forget_attempts(now)


@shared_task(name="console.compare_mixes", time_limit=600)
def compare_mixes(question: dict[str, Any]) -> None:
    compute(Question(**question))

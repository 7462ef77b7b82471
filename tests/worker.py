"""A real worker on the test's database, with a queue of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from tests.retrieval.stores.database import url_of_this_run


@contextmanager
def working(broker_url: str, *options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """In the end it is told to end, and does so in order. `variables`: of its environment."""
    environment = os.environ | {
        "DATABASE_URL": url_of_this_run(),
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_KEY_PREFIX": settings.TEST_KEY_PREFIX,
        "BROKER_URL": broker_url,
    }
    options = ("worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle", *options)
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "recsys_site", *options],
        env=environment | variables,
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=100)


def lines_until_done(worker: subprocess.Popen[str], tasks: int) -> list[str]:
    """What it logs until so many tasks are done."""
    assert worker.stdout is not None
    lines: list[str] = []
    while sum("succeeded in" in line for line in lines) < tasks:
        lines.append(worker.stdout.readline())
        assert lines[-1], f"The worker ended: {lines}"
        assert "raised" not in lines[-1], lines
    return lines

"""One process asks for every page: `python -m benchmarks.pages.timing FILE`, in the environment of `stores`."""

import argparse
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  the test client's host
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http.response import HttpResponseBase  # noqa: E402
from django.test import Client  # noqa: E402

from benchmarks.figures import Figure, write_json_lines  # noqa: E402
from benchmarks.pages.addresses import COMPARED, Page, pages  # noqa: E402
from console.tasks import compare_mixes  # noqa: E402

TIMES = 5
LIMIT_MS = 300.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Medians of `TIMES` looks after one that is not counted. cpu_ms: of the web process and Postgres, 0 where the
    system does not tell."""

    page: Page
    status: int
    first_ms: float
    p50_ms: float
    best_ms: float
    cpu_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case")
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", default="", help="pages whose address has this in it")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    logging.disable(logging.CRITICAL)
    # Nothing waits on the queue when this ends, and one preview is compared before its page is timed.
    compare_mixes.apply_async = _at_once  # type: ignore[method-assign, assignment]
    with _staff() as client:
        timed = [_time(client, page) for page in pages() if options.only in page.name]
    write_json_lines(_figures(options.case, timed), options.file)


def _at_once(asked: tuple[dict[str, Any]], **_rest: Any) -> None:
    if asked[0]["n"] == COMPARED:
        compare_mixes(*asked)


@contextmanager
def _staff() -> Iterator[Client]:
    user = User.objects.create_superuser(f"bench-{os.getpid()}")
    # A page that fails is named with its status; the others are timed all the same.
    client = Client(raise_request_exception=False)
    client.force_login(user)
    try:
        yield client
    finally:
        user.delete()


def _time(client: Client, page: Page) -> Timed:
    first_ms, _, status = _look(client, page)
    # What is refused or not there says nothing of how long a page takes.
    looks = [_look(client, page) for _ in range(TIMES if status == 200 else 1)]
    ms, cpu_ms = [look[0] for look in looks], [look[1] for look in looks]
    timed = Timed(page, status, first_ms, median(ms), min(ms), median(cpu_ms))
    print(f"{timed.p50_ms:6.0f} ms, {timed.cpu_ms:5.0f} of CPU, {status} {page.name}", flush=True)
    return timed


def _look(client: Client, page: Page) -> tuple[float, float, int]:
    """(ms, CPU ms, status) up to the first bytes."""
    pids = _backends()
    began, cpu_began = time.perf_counter(), time.process_time() + _cpu_s(pids)
    answer: HttpResponseBase = (
        client.get(page.path) if page.data is None else client.post(page.path, page.data)
    )
    if answer.streaming:
        next(iter(answer.streaming_content))  # type: ignore[attr-defined]
    ms = 1000 * (time.perf_counter() - began)
    cpu_ms = 1000 * (time.process_time() + _cpu_s(pids) - cpu_began)
    answer.close()
    return ms, cpu_ms, answer.status_code


def _backends() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [pid for (pid,) in cursor.fetchall()]


def _cpu_s(pids: list[int]) -> float:
    """Of Postgres's processes so far; in nanoseconds on Linux, where ticks of 10 ms would be too coarse."""
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e9


def _figures(case: str, timed: list[Timed]) -> list[Figure]:
    shown = [one for one in timed if one.status == 200]
    failed = sum(one.status >= 500 for one in timed)
    figures = [
        Figure("bench", case, f"{name} of {one.page.name}", value, "ms", TIMES, LIMIT_MS)
        for one in shown
        for name, value in (("p50_ms", one.p50_ms), ("best_ms", one.best_ms), ("cpu_ms", one.cpu_ms))
    ]
    over = [one for one in shown if one.p50_ms > LIMIT_MS]
    return [
        *figures,
        Figure("bench", case, "slowest p50_ms", max(one.p50_ms for one in shown), "ms", len(shown), LIMIT_MS),
        Figure("bench", case, "slowest cpu_ms", max(one.cpu_ms for one in shown), "ms", len(shown), LIMIT_MS),
        Figure("bench", case, "pages over 300 ms", len(over), "pages", len(shown)),
        Figure("bench", case, "failures", failed, "pages", len(timed)),
    ]


if __name__ == "__main__":
    main()

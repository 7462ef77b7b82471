"""Builds one size's database: `python -m benchmarks.bench.build ITEMS`, in the environment of `stores`."""

import argparse
import datetime as dt
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.bench.people import make_people  # noqa: E402
from benchmarks.bench.stocking import stock  # noqa: E402
from benchmarks.bench.versions import make_version  # noqa: E402
from benchmarks.bench.world import make_items  # noqa: E402
from coldstart import demographics  # noqa: E402
from retrieval import toplists  # noqa: E402

_SEED = 20_261
# What each stage takes of all, on two cores at a million items: the estimate is corrected as stages end.
_SHARES = {
    "draw": 0.07,
    "items": 0.10,
    "events": 0.10,
    "histories": 0.05,
    "statistics": 0.02,
    "vectors": 0.08,
    "index": 0.43,
    "related": 0.08,
    "lists": 0.07,
}


class Estimate:
    """Says how far a build is and how long the rest may take."""

    def __init__(self, items: int) -> None:
        self._items, self._began = items, time.monotonic()
        self._said_at = 0.0

    def __call__(self, stage: str, share: float) -> None:
        now = time.monotonic()
        if share and now - self._said_at < 5.0:
            return
        self._said_at = now
        before = sum(list(_SHARES.values())[: list(_SHARES).index(stage)])
        done = before + share * _SHARES[stage]
        passed = now - self._began
        left = f", about {passed * (1 - done) / done:.0f} s left" if done > 0.05 else ""
        print(
            f"{self._items:,} items: {stage} {share:.0%}, {passed:.0f} s so far{left}",
            file=sys.stderr,
            flush=True,
        )


def users_of(items: int) -> int:
    """One for ten items, up to as many as say what a request takes: more people make nothing slower."""
    return min(max(3_000, items // 10), 200_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", type=int)
    n = parser.parse_args().items
    say = Estimate(n)
    now = dt.datetime.now(dt.UTC)
    say("draw", 0.0)
    chance = np.random.default_rng([_SEED, n])
    items = make_items(n, chance)
    people = make_people(users_of(n), items, chance)
    call_command("migrate", verbosity=0)
    stock(items, people, now, say)
    make_version(items, people, now, say)
    say("lists", 0.0)
    with connection.cursor() as cursor:
        # On a machine that others use too, parallel workers wait for one another for minutes.
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET work_mem = '128MB'")
    toplists.rebuild(now)
    with connection.cursor() as cursor:
        cursor.execute("RESET max_parallel_workers_per_gather; RESET work_mem")
    demographics.rebuild(now)
    say("lists", 1.0)


if __name__ == "__main__":
    main()

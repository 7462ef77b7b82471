"""Soaks the product that `benchmarks.faults.apart` has prepared servers for: `… run MARKDOWN [--minutes N]`."""

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where the servers are
from django.db import connection  # noqa: E402

from api.models import Scope  # noqa: E402
from benchmarks.faults.judging import statuses  # noqa: E402
from benchmarks.faults.product import running  # noqa: E402
from benchmarks.faults.wholeness import NOTHING_MORE, wait_until_whole  # noqa: E402
from benchmarks.faults.world import make_world  # noqa: E402
from benchmarks.figures import publish  # noqa: E402
from benchmarks.soak.judging import Record, errors, figures  # noqa: E402
from benchmarks.soak.marks import INTERESTS, make_marks, make_survey  # noqa: E402
from benchmarks.soak.moves import Mover, Plan  # noqa: E402
from benchmarks.soak.report import write_markdown  # noqa: E402
from benchmarks.soak.traffic import TURNS, Traffic  # noqa: E402
from benchmarks.soak.watching import Watcher  # noqa: E402
from catalog.models import Item, User  # noqa: E402
from retrieval.mixes import publish as publish_mix  # noqa: E402

_PATIENCE_S = 60.0
_SAID_AT_MOST = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markdown", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=8.0, help="requests a second")
    options = parser.parse_args()
    key = make_world(Scope.CATALOG, versions=2)
    users = list(User.objects.order_by("id").values_list("external_id", flat=True))
    items = list(Item.objects.filter(active=True).order_by("id").values_list("external_id", flat=True))
    marks = make_marks(len(items))
    make_survey()
    publish_mix(next(iter(marks.sources)))
    connection.close()
    plan = Plan(60.0 * options.minutes)
    with running(Path(settings.VAR_DIR), key) as product:
        traffic = Traffic(product.port, key, users, items, marks=marks, interests=INTERESTS, prefix="soak")
        if wait_until_whole(product, traffic, NOTHING_MORE, patience_s=_PATIENCE_S) is None:
            raise RuntimeError(f"The product was not whole to begin with: {statuses(traffic.attempts)}.")
        watcher = Watcher(product, settings.DATABASE_URL, settings.REDIS_URL)
        # Also where all come to one process, all find room.
        mover = Mover(product, marks, plan, lambda: traffic.crowd(settings.WEB_THREADS))
        began = time.monotonic()
        watcher.start()
        traffic.start(options.rate, TURNS)
        mover.start()
        time.sleep(plan.whole_s)
        mover.join()
        traffic.stop()
        watcher.stop()
    since, until = (began + at for at in plan.steady_s)
    for words, times in Counter(traffic.contradictions).most_common(_SAID_AT_MOST):
        print(f"{times} × {words}", file=sys.stderr)
    wrong = Counter(
        (int((a.due - began) // 10) * 10, a.kind, a.status or a.trouble) for a in errors(traffic.attempts)
    )
    for (at_s, kind, what), times in sorted(wrong.items(), key=str):
        print(f"from {at_s} s: {times} × {kind} {what}", file=sys.stderr)
    found = figures(
        Record(
            traffic.attempts,
            traffic.sightings,
            len(traffic.contradictions),
            mover.moves,
            mover.reloads,
            [*watcher.lives.values()],
            watcher.connections,
            since,
            until,
        )
    )
    publish(found, title="Soak")
    write_markdown(options.markdown, options.minutes, found)


if __name__ == "__main__":
    main()

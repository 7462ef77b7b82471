"""Breaks the product that `benchmarks.faults` has prepared servers for: `… run MARKDOWN [options]`."""

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.faults.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where the servers are
from django.db import connection  # noqa: E402

from benchmarks.faults import beside  # noqa: E402
from benchmarks.faults.cases import BESIDE, CASES, Case  # noqa: E402
from benchmarks.faults.clients import Attempt, Clients  # noqa: E402
from benchmarks.faults.disks import has_own_disk  # noqa: E402
from benchmarks.faults.judging import Trial, availabilities, compare, figures_of, p99_ms, statuses, unexpected  # noqa: E402
from benchmarks.faults.product import Product, running  # noqa: E402
from benchmarks.faults.report import write_markdown  # noqa: E402
from benchmarks.faults.rounds import random_kills  # noqa: E402
from benchmarks.faults.wholeness import NOTHING_MORE, Also, wait_until_whole  # noqa: E402
from benchmarks.faults.world import make_world  # noqa: E402
from benchmarks.figures import publish  # noqa: E402
from catalog.models import Item, User  # noqa: E402

_PATIENCE_S = 30.0
_AT_LEAST_S = 6.0  # of load per case
_CALM_S = 15.0  # at first, to compare with
_PAUSE_S = 1.5  # of load before each break
_numbers = itertools.count()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markdown", type=Path)
    parser.add_argument("--cases", default="", help="only those with one of these words, by commas")
    parser.add_argument("--rate", type=float, default=6.0, help="requests a second")
    parser.add_argument("--rounds", type=int, default=0, help="of random kills during ingest, afterwards")
    parser.add_argument("--rounds-minutes", type=float, default=20.0, help="no new round after so long")
    options = parser.parse_args()
    words = [word for word in options.cases.split(",") if word]
    run = Run(options.markdown, options.rate)
    key, var_dir = make_world(versions=2), Path(settings.VAR_DIR)
    if cases := _asked_for(CASES, words):
        with running(var_dir, key) as product:
            run.begin(product)
            run.break_all(product, cases)
            if options.rounds:
                most_s = 60 * options.rounds_minutes
                url, clients = settings.DATABASE_URL, clients_of(product)
                run.add(random_kills(product, clients, url, rounds=options.rounds, most_s=most_s))
    if cases := _asked_for(BESIDE, words):
        connection.close()  # it may have died with the server
        beside.prepare()
        with running(var_dir, key, beside.ENVIRONMENT) as product:
            run.begin(product)
            run.break_all(product, cases)
    run.publish()


def _asked_for(cases: Sequence[Case], words: Sequence[str]) -> list[Case]:
    return [case for case in cases if not words or any(word in case.name for word in words)]


class Run:
    """What was measured so far."""

    def __init__(self, markdown: Path, per_second: float) -> None:
        self._markdown, self._per_second = markdown, per_second
        self._calm: list[Attempt] = []
        self._trials: list[Trial] = []

    def begin(self, product: Product) -> None:
        """Measures the calm. Raises RuntimeError where something is broken."""
        self._calm += _calm(product, self._per_second)

    def break_all(self, product: Product, cases: Sequence[Case]) -> None:
        for case in cases:
            if case.needs_disk and not has_own_disk(product):
                print(f"{case.name}: left out, only root may mount", file=sys.stderr)
                continue
            self.add(_tried(product, case, self._per_second))

    def add(self, trial: Trial) -> None:
        _say(trial)
        self._trials.append(trial)
        # After each: a run takes minutes, and what was measured must not go with it.
        write_markdown(self._markdown, self._trials, self._calm, availabilities(self._trials, self._calm))

    def publish(self) -> None:
        of_all = availabilities(self._trials, self._calm)
        publish([*(f for t in self._trials for f in figures_of(t, self._calm)), *of_all], title="Faults")


def clients_of(product: Product) -> Clients:
    connection.close()  # it may have died with the server
    users = list(User.objects.order_by("id").values_list("external_id", flat=True))
    items = list(Item.objects.filter(active=True).values_list("external_id", flat=True))
    return Clients(product.port, product.key, users, items, prefix=f"faults{next(_numbers)}")


def _calm(product: Product, per_second: float) -> list[Attempt]:
    """Attempts while nothing is broken yet. Raises RuntimeError where something is."""
    clients = clients_of(product)
    if wait_until_whole(product, clients, NOTHING_MORE, patience_s=_PATIENCE_S) is None:
        raise RuntimeError(f"The product was not whole to begin with: {statuses([clients.ask('known', 0)])}.")
    clients.start(per_second)
    time.sleep(_CALM_S)
    clients.stop()
    print(
        f"calm: {statuses(clients.attempts)}, p99 {p99_ms(clients.attempts):.0f} ms",
        file=sys.stderr,
        flush=True,
    )
    return clients.attempts


def _tried(product: Product, case: Case, per_second: float) -> Trial:
    clients = clients_of(product)
    clients.start(per_second)
    time.sleep(_PAUSE_S)
    broken_at = time.monotonic()
    recovery_s = _break(product, clients, case)
    time.sleep(max(0.0, broken_at + _AT_LEAST_S - time.monotonic()))
    clients.stop()
    lost, twice = compare(settings.DATABASE_URL, clients.prefix, clients.acknowledged)
    # What was under way when it broke counts too.
    meanwhile = [a for a in clients.attempts if a.due >= broken_at - 0.2]
    return Trial(
        case.name, meanwhile, recovery_s, case.without_postgres, len(clients.acknowledged), lost, twice
    )


def _break(product: Product, clients: Clients, case: Case) -> float:
    """Seconds that it took to be whole, counted from when the healing began."""
    with case.fault(product) as also:
        time.sleep(case.hold_s)
        began = time.monotonic()
        if not case.hold_s:
            return _whole(product, clients, also, began)
    return _whole(product, clients, also, began)


def _whole(product: Product, clients: Clients, also: Also, began: float) -> float:
    waited_s = time.monotonic() - began
    recovery_s = wait_until_whole(product, clients, also, patience_s=_PATIENCE_S)
    return float("inf") if recovery_s is None else waited_s + recovery_s


def _say(trial: Trial) -> None:
    bad = Counter(a.kind for a in trial.attempts if unexpected(a, without_postgres=trial.without_postgres))
    candidates = p99_ms([a for a in trial.attempts if a.kind != "event"])
    line = (
        f"{trial.case}: {statuses(trial.attempts)}; candidates' p99 {candidates:.0f} ms; "
        f"whole after {trial.recovery_s:.1f} s, lost {trial.lost} of {trial.acknowledged}, unexpected {dict(bad)}"
    )
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""A small catalogue with people, a model version that serves them, and a key for clients."""

import datetime as dt

import numpy as np
from django.core.management import call_command

from api.models import ApiKey, Scope
from benchmarks.bench.people import make_people
from benchmarks.bench.stocking import stock
from benchmarks.bench.versions import make_version
from benchmarks.bench.world import make_items
from coldstart import demographics
from retrieval import toplists, trending
from retrieval.mixes import ensure_published
from retrieval.models import ModelVersion

_SEED = 7
_ITEMS, _PEOPLE = 1000, 300


def make_world(*more: Scope, versions: int = 1) -> str:
    """The key, for reading, events and `more`; everything is there that `manage.py up` has ready before the processes
    start, and so many model versions, of which the last is live."""
    now = dt.datetime.now(dt.UTC)
    chance = np.random.default_rng(_SEED)
    items = make_items(_ITEMS, chance)
    people = make_people(_PEOPLE, items, chance)
    call_command("migrate", verbosity=0)
    stock(items, people, now, _quiet)
    for _ in range(versions):
        make_version(items, people, now, _quiet)
    toplists.rebuild(now)
    demographics.rebuild(now)
    # What the worker goes on from, as the offline path leaves it.
    ModelVersion.objects.update(report={"items_until": now.isoformat()})
    ensure_published()
    trending.rebuild(now)
    scopes = [scope.value for scope in (Scope.READ, Scope.EVENTS, *more)]
    return str(ApiKey.objects.create_key(name="faults", scopes=scopes)[1])


def _quiet(stage: str, share: float) -> None:
    pass

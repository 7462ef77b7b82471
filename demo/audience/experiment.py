"""One experiment for the demo to show, named as what it is: a little more of what is hot, for half of the people."""

import copy
from datetime import datetime

from django.db import transaction

from experiments.lifecycle import NotAllowed, start
from experiments.models import Experiment, Layer, Variant
from retrieval.mixes import create_revision
from retrieval.models import PublishedMix

NAME = "demo-more-trending"
_WEIGHT = 3.0
_BESIDE = {"name": "trending", "quota": 200, "weight": 0.1 * _WEIGHT, "limit_ms": 150}
_HALF = 5000
_BY = "demo"


def start_experiment(now: datetime) -> bool:
    """True where it was started; False where there was one of this name already, which stays as it is, where no mix is
    published, or where something stands against it."""
    published = PublishedMix.objects.filter(surface="").select_related("revision").first()
    if published is None or Experiment.objects.filter(name=NAME).exists():
        return False
    body = copy.deepcopy(published.revision.body)
    slots = [slot for slot in body["sources"] if slot["name"] == "trending"]
    for slot in slots:
        slot["weight"] *= _WEIGHT
    if not slots:
        body["sources"].append(_BESIDE)
    try:
        with transaction.atomic():
            _make(body, now)
    except NotAllowed:
        return False
    return True


def _make(body: object, now: datetime) -> None:
    note = "Of the demo's experiment: as published, with more of trending."
    revision = create_revision(body, note=note, author=_BY)
    layer, _ = Layer.objects.get_or_create(name="demo", defaults={"note": "Of the demo."})
    experiment = Experiment.objects.create(
        name=NAME,
        layer=layer,
        hypothesis="Invented for the demo, on a simulated audience: with more of what is hot people "
        "click about as often. Nothing here says anything of real people.",
        planned_users=800,
    )
    Variant.objects.create(experiment=experiment, name="control", share_per_10000=_HALF, control=True)
    Variant.objects.create(
        experiment=experiment,
        name="more-trending",
        share_per_10000=_HALF,
        mix_revision=revision.number,
    )
    start(
        experiment.pk, traffic_bp=_HALF, by=_BY, why="So that the demo's pages have an experiment.", now=now
    )

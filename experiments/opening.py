"""An experiment that is made and started in one step: a mix against what is published, half and half."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from experiments.lifecycle import start
from experiments.models import Experiment, Layer, Variant
from experiments.models.experiment import WHOLE

CONTROL, TREATMENT = "live", "draft"


@dataclass(frozen=True, slots=True)
class Opening:
    """surface: "" for every one; layer: its name, made where there is none; traffic_bp: of all users, in 0.01 %."""

    name: str
    surface: str
    layer: str
    mix_revision: int
    planned_users: int
    traffic_bp: int


def open_experiment(opening: Opening, *, by: str, why: str, now: datetime) -> Experiment:
    """The experiment, which runs; nothing is left of it where it can't. `why` is its hypothesis too. Raises
    NotAllowed."""
    with transaction.atomic():
        layer, _ = Layer.objects.get_or_create(name=opening.layer)
        experiment = Experiment.objects.create(
            name=opening.name,
            layer=layer,
            surface=opening.surface,
            hypothesis=why,
            planned_users=opening.planned_users,
        )
        half = WHOLE // 2
        Variant.objects.create(experiment=experiment, name=CONTROL, control=True, share_per_10000=half)
        Variant.objects.create(
            experiment=experiment,
            name=TREATMENT,
            share_per_10000=WHOLE - half,
            mix_revision=opening.mix_revision,
        )
        start(experiment.pk, traffic_bp=opening.traffic_bp, by=by, why=why, now=now)
    experiment.refresh_from_db()
    return experiment

"""Experiments that run."""

from datetime import UTC, datetime
from typing import Any

from experiments.lifecycle import start
from experiments.models import Experiment, Layer, Variant


def draft(
    name: str, *, layer: str = "mixes", control: int = 5_000, fields: Any = None, **arms: Any
) -> Experiment:
    """control: its share, which the others share equally where they name none; arms: each variant's fields."""
    # Salts of its own, and the same in each run.
    row, _ = Layer.objects.get_or_create(name=layer, defaults={"salt": f"salt of {layer}"})
    experiment = Experiment.objects.create(
        name=name, salt=f"salt of {name}", layer=row, hypothesis="It gets better.", **(fields or {})
    )
    Variant.objects.create(experiment=experiment, name="control", control=True, share_per_10000=control)
    left = (10_000 - control) // max(len(arms), 1)
    for arm, values in arms.items():
        Variant.objects.create(experiment=experiment, name=arm, **{"share_per_10000": left, **values})
    return experiment


def run_experiment(name: str, *, traffic_bp: int = 10_000, **rest: Any) -> Experiment:
    experiment = draft(name, **rest)
    start(experiment.pk, traffic_bp=traffic_bp, by="ada", why="To see.", now=datetime.now(UTC))
    experiment.refresh_from_db()
    return experiment

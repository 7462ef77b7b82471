"""What runs, as this process knows it: at most a second old."""

from django.db.models import Q
from django.utils import timezone

from catalog.kept import Kept
from experiments.assignment import Arm, RunningExperiment, Settings
from experiments.models import Experiment, Variant

# Of more than so many forced users the rest are ignored: forcing is for people who look, not for a population.
_MOST_FORCED = 1_000


def running_experiments() -> tuple[RunningExperiment, ...]:
    """The running experiments, oldest first. What was known last, where Postgres is away."""
    return _running.get()


def read_running() -> tuple[RunningExperiment, ...]:
    """As stored this moment; what has come to its planned end runs no more."""
    not_ended = Q(ends_at=None) | Q(ends_at__gt=timezone.now())
    rows = Experiment.objects.filter(not_ended, status=Experiment.Status.RUNNING)
    rows = rows.select_related("layer").prefetch_related("variants", "forced__user").order_by("id")
    return tuple(as_running(row) for row in rows)


def as_running(row: Experiment) -> RunningExperiment:
    arms = tuple(_arm(variant) for variant in row.variants.all())
    order = {arm.id: place for place, arm in enumerate(arms)}
    return RunningExperiment(
        id=row.id,
        name=row.name,
        salt=row.salt,
        layer_salt=row.layer.salt,
        surface=row.surface,
        places=tuple(row.places),
        arms=arms,
        holdout=row.holdout,
        forced={one.user.external_id: order[one.variant_id] for one in list(row.forced.all())[:_MOST_FORCED]},
    )


def forget_running() -> None:
    """The next call reads the tables again."""
    _running.forget()


def _arm(row: Variant) -> Arm:
    settings = Settings(row.mix_revision, row.model_version, row.newcomers_revision, row.maturity_events)
    return Arm(row.id, row.name, row.share_per_10000, row.control, settings)


_running = Kept(read_running)

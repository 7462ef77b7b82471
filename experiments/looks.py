"""The planned looks of an experiment with a planned duration: one a day, taken by the background and kept."""

from datetime import datetime, timedelta

from experiments.comparing import Compared
from experiments.models import Experiment, Look
from experiments.statistics import Comparison, Taken, repeated

_DAY = timedelta(days=1)


def due_look(experiment: Experiment, now: datetime) -> int | None:
    """Which one should have been taken by now: the number of days that are over, the planned days at most. None
    before the first, and where no duration is planned or results are told once."""
    if experiment.planned_end is None or experiment.started_at is None:
        return None
    if experiment.reading != Experiment.Reading.ANY_TIME:
        return None
    number = min((now - experiment.started_at) // _DAY, experiment.planned_days or 0)
    return number if number > 0 else None


def next_look_at(experiment: Experiment, now: datetime) -> datetime | None:
    """None where there is none to come."""
    end = experiment.planned_end
    if end is None or experiment.started_at is None or experiment.stopped_at is not None or now >= end:
        return None
    return experiment.started_at + _DAY * ((now - experiment.started_at) // _DAY + 1)


def take_look(experiment: Experiment, compared: Compared, now: datetime) -> int:
    """Keeps the look that is due, of each variant and metric that has none of this number yet; how many were kept.
    compared: of what is counted by now. A look that was missed is not made up for: the next one spends what it left.
    """
    number = due_look(experiment, now)
    if number is None or experiment.planned_days is None:
        return 0
    kept: dict[tuple[int, str], list[Look]] = {}
    for look in Look.objects.filter(variant__experiment=experiment).order_by("number"):
        kept.setdefault((look.variant_id, look.metric), []).append(look)
    new = []
    for (variant_id, metric), comparison in compared.items():
        before = kept.get((variant_id, metric), [])
        if comparison is None or comparison.variance <= 0 or any(look.number >= number for look in before):
            continue
        taken = [Taken(comparison_of(look).information, look.fraction) for look in before]
        fraction = number / experiment.planned_days
        interval = repeated(comparison, taken, fraction)
        if interval is None:
            continue
        new.append(
            Look(
                variant_id=variant_id,
                metric=metric,
                number=number,
                at=now,
                control=comparison.control,
                treatment=comparison.treatment,
                difference=comparison.difference,
                variance=comparison.variance,
                reduction=comparison.reduction,
                users=comparison.users,
                fraction=fraction,
                low=interval.low,
                high=interval.high,
                p=interval.p,
            )
        )
    Look.objects.bulk_create(new)
    return len(new)


def comparison_of(look: Look) -> Comparison:
    return Comparison(
        look.control, look.treatment, look.difference, look.variance, look.reduction, look.users
    )

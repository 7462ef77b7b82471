"""The background's one step for experiments: count what arrived, end what is over, stop what does harm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from experiments.comparing import compared
from experiments.lifecycle import NotAllowed, stop
from experiments.looks import take_look
from experiments.models import Experiment
from experiments.readout import broken_guardrails
from retrieval.locks import sole_run
from retrieval.readouts.basing import renew_baseline
from retrieval.readouts.counting import count_arrivals
from retrieval.readouts.spreading import measure_spread

# Events of an experiment's time may be as late as this.
_COUNTED_AFTER_STOP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Advance:
    """counted: users; stopped: names of experiments."""

    counted: int
    stopped: tuple[str, ...]


def advance(now: datetime) -> Advance | None:
    """Harmless to run twice; None where another run is at it."""
    with sole_run("experiments") as raw:
        if raw is None:
            return None
        live = Experiment.objects.filter(
            Q(status=Experiment.Status.RUNNING) | Q(stopped_at__gt=now - _COUNTED_AFTER_STOP)
        )
        counted = count_arrivals(raw, [experiment.pk for experiment in live], now)
        running = [one for one in live if one.status == Experiment.Status.RUNNING]
        for experiment in running:
            measure_spread(raw, experiment, now)
            take_look(experiment, compared(list(experiment.variants.all())), now)
        renew_baseline(raw, now)
    return Advance(counted, tuple(one.name for one in running if _stopped(one, now)))


def _stopped(experiment: Experiment, now: datetime) -> bool:
    """Whether it was ended or stopped: its time is over, or a guardrail is broken for certain."""
    by, why = "guardrail", " ".join(broken_guardrails(experiment))
    if experiment.ends_at is not None and experiment.ends_at <= now:
        by, why = "schedule", "Its planned end has come."
    if not why:
        return False
    try:
        stop(experiment.pk, by=by, why=why, now=now)
    except NotAllowed:  # somebody was quicker
        return False
    return True

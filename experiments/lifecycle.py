"""An experiment's way: draft → running, ramped up or down → stopped. Each step says who took it and why."""

from datetime import datetime, timedelta

from django.db import transaction

from experiments.assignment import RunningExperiment
from experiments.models import Change, Experiment, Guardrail, Layer
from experiments.models.experiment import WHOLE
from experiments.places import LayerFull, grown
from experiments.running import as_running, forget_running

# In every experiment that names none of its own.
GUARDRAILS = {"latency": 0.10, "shortfall": 0.02, "coverage": 0.15, "gini": 0.05}
_LEAST_VARIANTS = 2


class NotAllowed(ValueError):
    """The step can't be taken; the message says what to do."""


def add_guardrails(experiment: Experiment) -> None:
    """Those that are usual, where it has none."""
    if not experiment.guardrails.exists():
        Guardrail.objects.bulk_create(
            Guardrail(experiment=experiment, metric=metric, limit=limit)
            for metric, limit in GUARDRAILS.items()
        )


def start(experiment_id: int, *, traffic_bp: int, by: str, why: str, now: datetime) -> None:
    """Serves the experiment to so many users from the next second on. Raises NotAllowed."""
    with transaction.atomic():
        experiment, others = _locked(experiment_id)
        if experiment.status != Experiment.Status.DRAFT:
            raise NotAllowed(f"It is {experiment.status}: only a draft is started. Make a new one.")
        if found := problems(experiment, others):
            raise NotAllowed(" ".join(found))
        if experiment.ends_at is not None and experiment.ends_at <= now:
            raise NotAllowed("Its planned end is past: choose a later one.")
        _settle_end(experiment, now)
        add_guardrails(experiment)
        experiment.status, experiment.started_at = Experiment.Status.RUNNING, now
        _resize(experiment, others, traffic_bp)
        _note(experiment, f"Started with {traffic_bp / 100:g} % of the users.", by, why, now)
    forget_running()


def ramp(experiment_id: int, *, traffic_bp: int, by: str, why: str, now: datetime) -> None:
    """Gives it more or fewer users. Whoever stays keeps the arm. Raises NotAllowed."""
    with transaction.atomic():
        experiment, others = _locked(experiment_id)
        _demand_running(experiment)
        before = experiment.traffic_bp
        _resize(experiment, others, traffic_bp)
        _note(experiment, f"From {before / 100:g} % to {traffic_bp / 100:g} % of the users.", by, why, now)
    forget_running()


def stop(experiment_id: int, *, by: str, why: str, now: datetime) -> None:
    """Everybody gets what is published from the next second on; its buckets are free. Raises NotAllowed."""
    with transaction.atomic():
        experiment, _ = _locked(experiment_id)
        _demand_running(experiment)
        experiment.status, experiment.stopped_at, experiment.places = Experiment.Status.STOPPED, now, []
        experiment.save()
        _note(experiment, f"Stopped at {experiment.traffic_bp / 100:g} % of the users.", by, why, now)
    forget_running()


def problems(experiment: Experiment, others: list[Experiment]) -> list[str]:
    """What stands against starting it beside `others`, which run; each with the remedy."""
    itself = as_running(experiment)
    found = [*_own_problems(experiment, itself)]
    for other in others:
        beside = as_running(other)
        if other.layer_id == experiment.layer_id or not _meet(itself.surface, beside.surface):
            continue
        both = itself.kinds() & beside.kinds()
        # Whoever is held back is in no other experiment: what the control gets can't collide.
        if both and not (itself.holdout or beside.holdout):
            found.append(
                f"“{other}” runs on the same surface and sets the {' and the '.join(sorted(both))} too: put both on "
                f"one layer (“{other.layer}”), so that they exclude each other."
            )
    return found


def _own_problems(experiment: Experiment, itself: RunningExperiment) -> list[str]:
    arms, controls = itself.arms, [arm for arm in itself.arms if arm.control]
    total = sum(arm.share for arm in arms)
    others_set = any(arm.settings.kinds() for arm in arms if not arm.control)
    checks = {
        "Say in the hypothesis what is expected to change.": not experiment.hypothesis.strip(),
        "It needs two variants or more.": len(arms) < _LEAST_VARIANTS,
        "Mark exactly one variant as the control.": len(controls) != 1,
        f"The shares add up to {total} of {WHOLE}: they must be {WHOLE} together.": total != WHOLE,
        "A variant has no share: remove it.": any(arm.share < 1 for arm in arms),
        "No variant sets anything: name a mix, a model version or settings of cold start.": not (
            itself.kinds() or itself.holdout
        ),
        "In a holdout only the control may set something.": itself.holdout and others_set,
    }
    return [text for text, holds in checks.items() if holds]


def _locked(experiment_id: int) -> tuple[Experiment, list[Experiment]]:
    """The experiment and the others that run; nobody else starts or ramps one meanwhile."""
    # All layers: experiments on different layers are compared too.
    list(Layer.objects.select_for_update().order_by("id"))
    running = Experiment.objects.filter(status=Experiment.Status.RUNNING).exclude(id=experiment_id)
    others = running.select_related("layer").prefetch_related("variants", "forced__user")
    return Experiment.objects.select_related("layer").get(id=experiment_id), list(others)


def _settle_end(experiment: Experiment, now: datetime) -> None:
    if experiment.planned_days is None:
        return
    last_look = now + timedelta(days=experiment.planned_days)
    if experiment.ends_at is None:
        experiment.ends_at = last_look
    elif experiment.ends_at < last_look:
        raise NotAllowed(
            f"It would end before its {experiment.planned_days} planned days are over: plan fewer days, or leave the "
            "end empty."
        )


def _demand_running(experiment: Experiment) -> None:
    if experiment.status != Experiment.Status.RUNNING:
        raise NotAllowed(f"It is {experiment.status}, not running.")


def _resize(experiment: Experiment, others: list[Experiment], traffic_bp: int) -> None:
    if not 1 <= traffic_bp <= WHOLE:
        raise NotAllowed("Give it between 0.01 % and 100 % of the users.")
    taken = [other.places for other in others if other.layer_id == experiment.layer_id]
    try:
        experiment.places = grown(experiment.places, taken, traffic_bp)
    except LayerFull as error:
        raise NotAllowed(str(error)) from error
    experiment.traffic_bp = traffic_bp
    experiment.save()


def _note(experiment: Experiment, what: str, by: str, why: str, now: datetime) -> None:
    if not why.strip():
        raise NotAllowed("Say why: the reason stays with the experiment.")
    Change.objects.create(experiment=experiment, at=now, by=by, what=what, why=why)


def _meet(surface: str, other: str) -> bool:
    return not surface or not other or surface == other

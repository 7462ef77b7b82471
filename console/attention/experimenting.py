"""Do experiments hold, and does anybody wait for a decision?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from console.attention.line import Attention
from experiments.models import Change, Experiment
from experiments.readout import broken_guardrails, read_out
from retrieval.models import MixRevision, PublishedMix

_MOST = 20
_LATELY = timedelta(days=7)
_WAITS_AT_MOST = timedelta(days=14)


def mismatched(_now: datetime) -> Iterator[Attention]:
    """Running experiments whose arms don't have the users that their shares say."""
    for experiment in _running():
        found = read_out(experiment)
        if found.mismatch:
            yield Attention(
                f"“{experiment}” has a sample-ratio mismatch (p = {found.ratio_p:.2g}): don't believe its results.",
                experiment.started_at,
                "Something loses users of one arm before their exposure is logged: find it, stop, start anew.",
                _read_out_of(experiment),
                urgent=True,
            )


def harmful(now: datetime) -> Iterator[Attention]:
    """A guardrail that is broken, or that has stopped an experiment lately."""
    for experiment in _running():
        if broken := broken_guardrails(experiment):
            yield Attention(
                f"“{experiment}” breaks a guardrail: {broken[0]}",
                experiment.started_at,
                "It stops by itself within five minutes while the worker runs; stop it by hand else.",
                _read_out_of(experiment),
                urgent=True,
            )
    stopped = Change.objects.filter(
        by="guardrail", at__gt=now - _LATELY, experiment__status=Experiment.Status.STOPPED
    )
    for change in stopped.select_related("experiment")[:_MOST]:
        yield Attention(
            f"A guardrail stopped “{change.experiment}”: {change.why}",
            change.at,
            "Read it out, and try again with what was learned.",
            _read_out_of(change.experiment),
        )


def waiting_mix(now: datetime) -> Iterator[Attention]:
    """The newest revision, where it is newer than all that is served: somebody made it, nobody published it."""
    served = PublishedMix.objects.order_by("-revision_id").values_list("revision_id", flat=True).first()
    newest = MixRevision.objects.defer("body").order_by("-number").first()
    if newest is None or newest.number <= (served or 0) or newest.created_at < now - _WAITS_AT_MOST:
        return
    if Experiment.objects.filter(variants__mix_revision=newest.number).exists():
        return
    yield Attention(
        f"A draft waits for approval: {newest}, “{newest.note}”"
        + (f", by {newest.author}." if newest.author else "."),
        newest.created_at,
        "Look at what it changes; publish it, or try it in an experiment.",
        reverse("admin:retrieval_mixrevision_change", args=[newest.number]),
    )


def _running() -> list[Experiment]:
    running = Experiment.objects.filter(status=Experiment.Status.RUNNING).order_by("id")
    return list(running.prefetch_related("variants", "guardrails")[:_MOST])


def _read_out_of(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_read_out", args=[experiment.pk])

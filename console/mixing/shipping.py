"""From an experiment's read-out on: its mix for everybody. For nobody it is to stop the experiment."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from console.mixing.access import PUBLISH, TRY_OUT, log, page
from console.mixing.approval import WAITS, must_wait
from console.mixing.differences import differences
from console.mixing.publishing_page import reason
from experiments.lifecycle import NotAllowed, stop
from experiments.models import Experiment
from retrieval.mixes import InvalidMix, forget_cached_mixes, publish
from retrieval.models import MixRevision, PublishedMix


class ShipForm(forms.Form):
    why = reason()


def shippable(experiment: Experiment) -> MixRevision | None:
    """The mix of its one arm beside the control; None where it doesn't run or compares something else."""
    if experiment.status != Experiment.Status.RUNNING:
        return None
    others = [one for one in experiment.variants.all() if not one.control]
    if len(others) != 1 or others[0].mix_revision is None:
        return None
    return MixRevision.objects.filter(number=others[0].mix_revision).first()


def surface_served(experiment: Experiment) -> str:
    """Where its mix is published when it ships: on the surface that serves the experiment's now."""
    own = PublishedMix.objects.filter(surface=experiment.surface).exists()
    return experiment.surface if own else ""


def may_ship(request: HttpRequest) -> bool:
    return request.user.has_perms((PUBLISH, *TRY_OUT))


def shipping(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """The treatment's mix for everybody, and the end of the experiment, in one step."""
    experiment = get_object_or_404(Experiment, pk=experiment_id)
    revision = shippable(experiment)
    if revision is None:
        messages.error(
            request, "It has no mix to ship: it doesn’t run, or doesn’t compare one mix with what is live."
        )
        return redirect(_read_out(experiment))
    by, surface = request.user.get_username(), surface_served(experiment)
    waits = must_wait(revision, by=by, surface=surface)
    form = ShipForm(request.POST if request.method == "POST" else None, use_required_attribute=False)
    if form.is_valid() and not waits:
        why = form.cleaned_data["why"]
        try:
            with transaction.atomic():
                stop(experiment.pk, by=by, why=f"Shipped {revision}: {why}", now=timezone.now())
                publish(revision.number, surface=surface, by=by, why=f"Shipped from {experiment}: {why}")
        except (NotAllowed, InvalidMix) as error:
            messages.error(request, f"Nothing has changed: {error}")
        else:
            forget_cached_mixes()
            log(request, experiment, f"Shipped {revision}. {why}")
            messages.success(request, f"{revision} is served to everybody, and {experiment} is over.")
        return redirect(_read_out(experiment))
    return _page(request, experiment, form, revision, WAITS if waits else "")


def _page(
    request: HttpRequest, experiment: Experiment, form: forms.Form, revision: MixRevision, waits: str
) -> HttpResponse:
    surface = surface_served(experiment)
    served = PublishedMix.objects.filter(surface=surface).select_related("revision").first()
    own = PublishedMix.objects.exclude(surface="").order_by("surface").values_list("surface", flat=True)
    return page(
        request,
        "ship",
        f"Ship {experiment}",
        experiment=experiment,
        revision=revision,
        form=form,
        surface=surface,
        own=list(own),
        waits=waits,
        back=_read_out(experiment),
        found=differences(served.revision.body if served else {}, revision.body),
    )


def _read_out(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_read_out", args=[experiment.pk])

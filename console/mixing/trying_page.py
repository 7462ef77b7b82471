"""A draft against what is live for a share of the people, as an experiment that is made and started in one step."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from console.mixing.access import PUBLISH, TRY_OUT, log, needs, page
from console.mixing.approval import WAITS, must_wait
from console.mixing.differences import differences
from console.mixing.publishing_page import reason
from experiments.lifecycle import NotAllowed
from experiments.models import Experiment, Layer
from experiments.opening import Opening, open_experiment
from retrieval.mixes import InvalidMix, check_mix, surface_of
from retrieval.models import MixRevision, PublishedMix

_DEFAULT = "default"  # the surface of a request that names none
_LAYER = "mixes"


class TryForm(forms.Form):
    traffic = forms.DecimalField(
        label="Percent of the people",
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        initial=Decimal(5),
        help_text="Half of them get the draft, half stay with what is live and are compared with.",
        widget=forms.NumberInput({"class": "mix-number", "step": "0.01"}),
    )
    surface = forms.ChoiceField(label="Where", widget=forms.RadioSelect(), required=False)
    layer = forms.ModelChoiceField(
        Layer.objects.all(),
        label="Layer",
        required=False,
        empty_label=_LAYER,
        help_text="Experiments of one layer never share a person.",
        widget=forms.Select({"class": "mix-text"}),
    )
    planned_users = forms.IntegerField(
        label="People planned",
        min_value=200,
        initial=10_000,
        help_text="Intervals are tightest there. The read-out’s calculator says how many it takes.",
        widget=forms.NumberInput({"class": "mix-number"}),
    )
    why = reason()

    def __init__(self, data: Any, surface: str, **rest: Any) -> None:
        super().__init__(data, initial={"surface": surface}, use_required_attribute=False, **rest)
        self.fields["why"].label = "What do you expect, and why"
        self.fields["why"].help_text = "It is the experiment’s hypothesis, and stays with it."
        self.fields["surface"].choices = [(name, words) for name, words in _where(surface)]  # type: ignore[attr-defined]


@needs(PUBLISH, *TRY_OUT)
def trying_out(request: HttpRequest, number: str) -> HttpResponse:
    revision = get_object_or_404(MixRevision, number=number)
    surface = request.GET.get("surface", surface_of(revision)) or _DEFAULT
    form = TryForm(request.POST if request.method == "POST" else None, surface)
    by = request.user.get_username()
    waits = must_wait(revision, by=by, surface=None)
    if form.is_valid() and not waits:
        try:
            experiment = _opened(revision, form.cleaned_data, by)
        except (NotAllowed, InvalidMix) as error:
            form.add_error(None, f"Nothing was started: {error}")
        else:
            log(request, revision, f"Tried out in the experiment {experiment}. {form.cleaned_data['why']}")
            messages.success(
                request, f"{experiment} runs for {experiment.traffic_bp / 100:g} % of the people."
            )
            return redirect("admin:experiments_experiment_read_out", experiment.pk)
    served = PublishedMix.objects.filter(surface__in=("", surface)).select_related("revision")
    live = served.order_by("-surface").first()
    return page(
        request,
        "try",
        f"Try out {revision}",
        revision=revision,
        form=form,
        live=live.revision if live else None,
        found=differences(live.revision.body if live else {}, revision.body),
        waits=WAITS if waits else "",
    )


def _where(surface: str) -> list[tuple[str, str]]:
    """(surface, what an experiment on it covers), as plainly as it goes."""
    own = [
        name for name in PublishedMix.objects.values_list("surface", flat=True).order_by("surface") if name
    ]
    found = [(_DEFAULT, "Only “default”: requests that name no surface of their own.")]
    found += [(name, f"Only “{name}”.") for name in own if name != _DEFAULT]
    if surface not in dict(found):
        found.append((surface, f"Only “{surface}”."))
    others = ", ".join(f"“{name}”" for name in own)
    every = "Every surface" + (
        f", also {others}: there the draft replaces the mix that they have of their own." if own else "."
    )
    return [*found, ("", every)]


def _opened(revision: MixRevision, values: dict[str, Any], by: str) -> Experiment:
    check_mix(revision.body)
    surface = values["surface"]
    opening = Opening(
        name=_free_name(f"{surface or 'everywhere'}-mix-{revision.number}"),
        surface=surface,
        layer=values["layer"].name if values["layer"] else _LAYER,
        mix_revision=revision.number,
        planned_users=values["planned_users"],
        traffic_bp=round(values["traffic"] * 100),
    )
    return open_experiment(opening, by=by, why=values["why"], now=timezone.now())


def _free_name(name: str) -> str:
    taken = set(Experiment.objects.filter(name__startswith=name).values_list("name", flat=True))
    return next(
        free for n in range(1, len(taken) + 2) if (free := name if n == 1 else f"{name}-{n}") not in taken
    )

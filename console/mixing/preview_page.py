"""A draft beside what is live, for real people, before anybody is served it."""

import random
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from console.inspector.people import begins_with
from console.mixing import people
from console.mixing.access import SEE_PEOPLE, VIEW, needs, page
from console.mixing.previewing import TAKEN_UP_WITHIN_S, Question, forget, found, let_go, take_up
from console.mixing.surfaces import words_of
from console.tasks import compare_mixes
from retrieval.mixes import InvalidMix, check_mix, published_mix, surface_of
from retrieval.models import MixRevision, PublishedMix
from retrieval.valkey import CacheUnavailable

_DEPTHS = (20, 100, 500, 1000)
_SEEDS = 10_000
_SAMPLE = 8


class PreviewForm(forms.Form):
    """Lenient where a link leaves something out."""

    users = forms.CharField(
        label="People",
        required=False,
        max_length=2000,
        help_text="External ids, with spaces between. Empty: a sample.",
        widget=forms.TextInput({"class": "mix-text", "placeholder": "a sample", "spellcheck": "false"}),
    )
    n = forms.IntegerField(
        label="Sample of",
        required=False,
        min_value=1,
        max_value=people.MOST,
        widget=forms.NumberInput({"class": "mix-number"}),
    )
    seed = forms.IntegerField(
        label="Drawn by seed",
        required=False,
        min_value=0,
        max_value=_SEEDS,
        help_text="The same seed draws the same people.",
        widget=forms.NumberInput({"class": "mix-number"}),
    )
    k = forms.TypedChoiceField(
        label="First places",
        required=False,
        coerce=int,
        choices=[(k, str(k)) for k in _DEPTHS],
        widget=forms.Select({"class": "mix-text"}),
    )
    surface = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput())


@needs(VIEW, SEE_PEOPLE)
@require_safe
def preview(request: HttpRequest, number: str) -> HttpResponse:
    draft = get_object_or_404(MixRevision, number=number)
    surface = request.GET.get("surface", surface_of(draft))
    asked = (
        {"users": "", "n": str(_SAMPLE), "seed": "1", "k": "100"} | request.GET.dict() | {"surface": surface}
    )
    form = PreviewForm(asked)
    context: dict[str, Any] = {
        "draft": draft,
        "surface": surface,
        "words": words_of(surface),
        "form": form,
        "surfaces": ["", *PublishedMix.objects.exclude(surface="").values_list("surface", flat=True)],
        "another_seed": random.randrange(_SEEDS),  # noqa: S311  not a secret
        "find": request.GET.get("find", "")[:100],
    }
    if context["find"]:
        context["suggested"] = begins_with(context["find"])
    try:
        live = published_mix(surface).revision
        check_mix(draft.body)
    except InvalidMix as error:
        return page(
            request,
            "preview",
            f"Preview of {draft}",
            **context,
            problem=f"There is nothing to compare: {error}",
        )
    context["live"] = MixRevision.objects.defer("body").get(number=live)
    if form.is_valid():
        context |= _compared(request, _question(form.cleaned_data, live, draft.number))
    if request.GET.get("part"):
        return render(request, "console/mixing/_part.html", context)
    return page(request, "preview", f"Preview of {draft}", **context)


def _compared(request: HttpRequest, question: Question) -> dict[str, Any]:
    """What a worker found, or that one is at it. `instead_of` names what was looked at and is to be found anew."""
    try:
        there = found(question)
        if there and there.done and there.mark == request.GET.get("instead_of"):
            forget(question)
            there = None
        if not (there and there.done) and take_up(question):
            try:
                compare_mixes.apply_async((asdict(question),), expires=TAKEN_UP_WITHIN_S)
            except OperationalError:
                let_go(question)
                return {
                    "problem": "The broker is away: a worker compares the mixes, and none could be asked."
                }
            there = found(question)
    except CacheUnavailable:
        return {"problem": "The cache is away, which keeps what a worker finds: load the page again later."}
    asked = {name: value for name, value in request.GET.items() if name not in {"part", "instead_of"}}
    return {
        "found": there,
        "waiting": not (there and there.done),
        "part": urlencode({**asked, "part": 1}),
        "again": urlencode({**asked, "instead_of": there.mark}) if there else "",
    }


def _question(asked: dict[str, Any], live: int, draft: int) -> Question:
    return Question(
        live=live,
        draft=draft,
        users=asked["users"],
        n=asked["n"] or _SAMPLE,
        seed=asked["seed"] or 0,
        k=asked["k"] or 100,
        surface=asked["surface"],
    )

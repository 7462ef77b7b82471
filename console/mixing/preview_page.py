"""A draft beside what is live, for real people, before anybody is served it."""

import random
import threading
import time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from console.config import config
from console.inspector.people import begins_with
from console.mixing import people
from console.mixing.access import SEE_PEOPLE, VIEW, needs, page
from console.mixing.asking import ask_both
from console.mixing.comparing import side_by_side
from console.mixing.expecting import expected_recall
from console.mixing.figures import figures, source_shares
from console.mixing.surfaces import words_of
from retrieval.mixes import InvalidMix, check_mix, published_mix, surface_of
from retrieval.models import MixRevision, PublishedMix

_DEPTHS = (20, 100, 500, 1000)
_SEEDS = 10_000
# Of the page's time the side by side has so much; recall has the rest.
_FOR_PEOPLE = 0.5
# A preview holds a thread for seconds: one at a time in each process leaves the others to who is waiting for answers.
_one_at_a_time = threading.Lock()


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
    asked = {"users": "", "n": "8", "seed": "1", "k": "100"} | request.GET.dict() | {"surface": surface}
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
        context |= _compared(form.cleaned_data, live, draft.number)
    return page(request, "preview", f"Preview of {draft}", **context)


def _compared(asked: dict[str, Any], live: int, draft: int) -> dict[str, Any]:
    if not _one_at_a_time.acquire(timeout=1):
        return {"problem": "Somebody else looks at a preview right now: load the page again in some seconds."}
    try:
        return _asked(asked, live, draft)
    finally:
        _one_at_a_time.release()


def _asked(asked: dict[str, Any], live: int, draft: int) -> dict[str, Any]:
    began, at_most_s = time.monotonic(), config().preview_at_most_s
    chosen, unknown = people.named(asked["users"])
    seed = asked["seed"] or 0
    # Whom nobody knows is a newcomer to both mixes: worth a look, and said to be one.
    users = [*chosen, *unknown] or people.sampled(asked["n"] or 8, seed)
    k, surface = asked["k"] or 100, asked["surface"]
    found = ask_both(users, live, draft, k=k, surface=surface, until=began + at_most_s * _FOR_PEOPLE)
    expected = expected_recall(live, draft, k=k, surface=surface, seed=seed, until=began + at_most_s)
    return {
        "asked": found,
        "sampled": not (chosen or unknown),
        "unknown": unknown,
        "k": k,
        "sides": [side_by_side(pair) for pair in found.pairs],
        "figures": figures(found.pairs, k=k),
        "shares": source_shares(found.pairs),
        "expected": expected,
        "took_s": time.monotonic() - began,
        "at_most_s": at_most_s,
    }

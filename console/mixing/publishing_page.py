"""Publishing a revision: now, at a time, or once a second person agrees; and rolling back, which is the same."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from console.mixing.access import PUBLISH, log, needs, page
from console.mixing.approval import must_wait
from console.mixing.differences import differences
from console.mixing.mix_form import surface_field
from console.mixing.surfaces import running_with_mixes, touches, words_of
from retrieval.mixes import InvalidMix, NotPossible, propose, publish, surface_of, was_served
from retrieval.models import MixRevision, PublishedMix


def reason() -> forms.CharField:
    return forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea({"class": "mix-text", "rows": 3}),
        help_text="It stays with the surface’s history.",
    )


class PublishForm(forms.Form):
    surface = surface_field("Surface")
    publish_at = forms.DateTimeField(
        label="At (UTC)",
        required=False,
        help_text="Empty: now.",
        widget=forms.DateTimeInput({"class": "mix-text", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    why = reason()

    def clean_publish_at(self) -> Any:
        at = self.cleaned_data["publish_at"]
        if at is not None and at <= timezone.now():
            raise forms.ValidationError(
                "That time is past: choose a later one, or leave it empty to publish now."
            )
        return at


@needs(PUBLISH)
def publishing(request: HttpRequest, number: str) -> HttpResponse:
    """A GET asks and shows what changes, a POST does it."""
    revision = get_object_or_404(MixRevision, number=number)
    surface = request.GET.get("surface", surface_of(revision))
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        initial={"surface": surface},
        use_required_attribute=False,
    )
    if form.is_bound:
        surface = request.POST.get("surface", "").strip()
    if form.is_valid():
        done = _done(request, revision, form.cleaned_data)
        if done is not None:
            return done
    return page(request, "publish", f"Publish {revision}", form=form, **_asked(request, revision, surface))


def _asked(request: HttpRequest, revision: MixRevision, surface: str) -> dict[str, Any]:
    served = PublishedMix.objects.filter(surface=surface).select_related("revision").first()
    live = served or PublishedMix.objects.filter(surface="").select_related("revision").first()
    return {
        "revision": revision,
        "surface": surface,
        "words": words_of(surface),
        "own": served is not None,
        "live": live.revision if live else None,
        "is_live": bool(served and served.revision_id == revision.number),
        "rolls_back": was_served(revision.number, surface),
        "found": differences(live.revision.body if live else {}, revision.body),
        "waits": must_wait(revision, by=request.user.get_username(), surface=surface),
        "experiments": [one for one in running_with_mixes() if touches(one, surface)],
        "surfaces": PublishedMix.objects.exclude(surface="").values_list("surface", flat=True),
    }


def _done(request: HttpRequest, revision: MixRevision, values: dict[str, Any]) -> HttpResponse | None:
    """To the desk; None where it could not be done, which is said."""
    by, surface, at, why = request.user.get_username(), values["surface"], values["publish_at"], values["why"]
    waits = must_wait(revision, by=by, surface=surface)
    where = words_of(surface)
    try:
        if waits or at is not None:
            propose(revision, surface=surface, by=by, why=why, publish_at=at, waits=waits)
            when = f"{at:%-d %B %Y, %H:%M} UTC" if at else "as soon as somebody agrees"
            words = (
                f"Asked for another person’s approval of {revision} on {where}: {when}."
                if waits
                else (f"{revision} will be published on {where}: {when}.")
            )
        else:
            publish(revision.number, surface=surface, by=by, why=why)
            words = f"{revision} is served on {where}."
    except (InvalidMix, NotPossible) as error:
        messages.error(request, f"Not published: {error}")
        return None
    log(request, revision, f"{words} {why}")
    messages.success(request, words)
    return redirect("admin:retrieval_mixrevision_desk")

"""What waits to be published: another person agrees, or somebody calls it off; both say why."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from console.mixing.access import PUBLISH, log, needs, page
from console.mixing.differences import differences
from console.mixing.publishing_page import reason
from console.mixing.surfaces import words_of
from retrieval.mixes import InvalidMix, NotPossible, approve, cancel
from retrieval.models import MixProposal, PublishedMix


class ReasonForm(forms.Form):
    why = reason()


@needs(PUBLISH)
def approving(request: HttpRequest, number: int) -> HttpResponse:
    return _decided(request, number, "Approve", approve)


@needs(PUBLISH)
def cancelling(request: HttpRequest, number: int) -> HttpResponse:
    return _decided(request, number, "Call off", cancel)


def _decided(
    request: HttpRequest, number: int, verb: str, decide: Callable[..., MixProposal]
) -> HttpResponse:
    proposal = get_object_or_404(MixProposal.objects.select_related("revision"), pk=number)
    form = ReasonForm(request.POST if request.method == "POST" else None, use_required_attribute=False)
    if form.is_valid():
        try:
            done = decide(proposal.pk, by=request.user.get_username(), why=form.cleaned_data["why"])
        except (NotPossible, InvalidMix) as error:
            messages.error(request, f"Nothing has changed: {error}")
        else:
            words = f"{done.revision} on {words_of(done.surface)}: {done.get_state_display()}."
            log(request, done.revision, f"{verb}: {words} {form.cleaned_data['why']}")
            messages.success(request, words)
        return redirect("admin:retrieval_mixrevision_desk")
    served = PublishedMix.objects.filter(surface__in=("", proposal.surface)).select_related("revision")
    live = served.order_by("-surface").first()
    return page(
        request,
        "proposal",
        f"{verb} {proposal.revision}",
        proposal=proposal,
        words=words_of(proposal.surface),
        verb=verb,
        form=form,
        found=differences(live.revision.body if live else {}, proposal.revision.body),
    )

"""What a surface served and when, and what is different between any two of its revisions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from console.mixing.access import VIEW, needs, page
from console.mixing.differences import differences
from console.mixing.surfaces import words_of
from retrieval.mixes import revisions_of, surface_of
from retrieval.models import MixChange, MixRevision, PublishedMix

_MOST = 100


@needs(VIEW)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    surface = request.GET.get("surface", "")
    served = PublishedMix.objects.filter(surface=surface).first()
    changes = MixChange.objects.filter(surface=surface).select_related("before", "after")
    return page(
        request,
        "history",
        f"History of {words_of(surface)}",
        surface=surface,
        words=words_of(surface),
        live=served.revision_id if served else None,
        changes=changes.defer("before__body", "after__body")[:_MOST],
        revisions=revisions_of(surface)[:_MOST],
    )


@needs(VIEW)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Of a surface's revisions: `after` beside `before`, which is what is live where it isn't named."""
    after = get_object_or_404(MixRevision, number=_number(request.GET.get("after")))
    surface = request.GET.get("surface", surface_of(after))
    served = (
        PublishedMix.objects.filter(surface=surface).first()
        or PublishedMix.objects.filter(surface="").first()
    )
    live = served.revision_id if served else after.number
    named = _number(request.GET.get("before")) or live
    allowed = revisions_of(surface).filter(number__in=(named, live))
    before = get_object_or_404(MixRevision, number=named if allowed.filter(number=named).exists() else live)
    return page(
        request,
        "compare",
        f"{before} → {after}",
        before=before,
        after=after,
        surface=surface,
        words=words_of(surface),
        live=live,
        found=differences(before.body, after.body),
        revisions=revisions_of(surface)[:_MOST],
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0

"""The editor: a draft from a start, source by source, checked by the mix's own rules."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from console.mixing.access import VIEW, WRITE, log, needs, page
from console.mixing.bodies import body_of
from console.mixing.mix_form import MixForm
from console.mixing.problems import explain
from console.mixing.source_form import SourceForm
from console.mixing.starts import Start, offered, start_of
from console.mixing.weighing import COUNTS, rows_of
from retrieval.mixes import InvalidMix, line_of, note, parse_mix, revisions_of
from retrieval.models import MixChange, MixRevision, PublishedMix
from retrieval.source import all_sources

_RECENT = 20


@needs(VIEW, WRITE)
def editor(request: HttpRequest) -> HttpResponse:
    """A GET shows the start that `from` names, a POST saves a draft or says what is wrong with it."""
    start = start_of(request.POST.get("from") or request.GET.get("from", "live:"))
    try:
        mix = parse_mix(start.body)
    except InvalidMix as error:
        messages.error(request, f"{start.words} can't be edited here: {error}")
        return redirect("admin:retrieval_mixrevision_desk")
    data = request.POST if request.method == "POST" else None
    form = MixForm(mix, data, body=start.body, surface=start.surface)
    slots = {slot.name: slot for slot in mix.slots}
    names = [*slots, *(name for name in all_sources() if name not in slots)]
    sources = [SourceForm(name, slots.get(name), data) for name in names]
    if data is not None and all([form.is_valid(), *(one.is_valid() for one in sources)]):
        body = body_of(start.body, form, sources)
        if explain(body, form, sources):
            return _saved(request, start, form, body)
    merge = str(form["merge"].value())
    rows = rows_of(mix, sources, merge)
    recent = list(revisions_of(start.surface)[:_RECENT])
    return page(
        request,
        "editor",
        f"Draft from {start.words}",
        start=start,
        starts=offered(start.surface, recent),
        form=form,
        rows=[row for row in rows if row.form.slot is not None or row.on],
        others=[row for row in rows if row.form.slot is None and not row.on],
        merge=merge if merge in COUNTS else "round_robin",
        learned=sum(row.dead for row in rows),
        segments=mix.segments,
        surfaces=PublishedMix.objects.exclude(surface="").values_list("surface", flat=True),
        faulty=form.is_bound,
    )


def _saved(request: HttpRequest, start: Start, form: MixForm, body: dict[str, Any]) -> HttpResponse:
    author, why = request.user.get_username(), form.cleaned_data["note"]
    surface = form.cleaned_data["surface"]
    revision = MixRevision.objects.create(name=line_of(surface), body=body, note=why, author=author)
    before = start.revision.number if start.revision else None
    note(MixChange.What.DRAFTED, revision, surface=surface, before=before, by=author, why=why)
    log(request, revision, f"Drafted from {start.words}.", ADDITION)
    messages.success(request, f"{revision} is saved as a draft; nobody is served it yet.")
    if "preview" in request.POST and request.user.has_perm("catalog.view_user"):
        return redirect("admin:retrieval_mixrevision_preview", revision.number)
    return redirect(f"{reverse('admin:retrieval_mixrevision_compare')}?after={revision.number}")

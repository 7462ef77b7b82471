"""Exports and partitions in the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.tasks import make_partitions
from coldstart.tasks import tend_impressions
from console.admin.access import Desk
from console.data.exporting import EXPORTS, export
from console.data.forms import ExportForm, ReasonForm
from console.data.partitions import all_partitions
from console.models import DataPage

_CHANGES_SHOWN = 20


@admin.register(DataPage)
class DataAdmin(Desk):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_export = request.user.has_perm("console.export_data")
        may_mend = request.user.has_perm("console.mend_partitions")
        wanted = request.POST.get("do", "")
        form = ExportForm(request.POST if wanted == "export" else None)
        mending = ReasonForm(request.POST if wanted == "mend" else None, prefix="mend")
        if request.method == "POST":
            if not {"export": may_export, "mend": may_mend}.get(wanted, False):
                raise PermissionDenied
            if wanted == "export" and form.is_valid():
                return self._exported(request, form)
            if wanted == "mend" and mending.is_valid():
                return self._mended(request, mending.cleaned_data["why"])
        context = {
            **self.admin_site.each_context(request),
            "title": "Exports and partitions",
            "form": form if may_export else None,
            "mending": mending if may_mend else None,
            "tables": all_partitions(),
            "changes": _changes(),
        }
        return TemplateResponse(request, "console/data/page.html", context)

    def _exported(self, request: HttpRequest, form: ExportForm) -> StreamingHttpResponse:
        given, now = form.cleaned_data, timezone.now()
        kind, name = given["kind"], given["format"]
        period = form.period(now) if EXPORTS[kind].by_time else {}
        what = f"Exported {kind} as {name}, at most {given['most']:,} rows"
        when = f", from {period['since']:%Y-%m-%d} to {period['until']:%Y-%m-%d}" if period else ""
        self.log_change(request, DataPage(pk=1), f"{what}{when}. Why: {given['why']}")
        pieces = export(kind, name, most=given["most"], **period)
        return download(pieces, f"{kind.replace(' ', '-')}-{now:%Y%m%d-%H%M}.{name}")

    def _mended(self, request: HttpRequest, why: str) -> HttpResponse:
        try:
            make_partitions.delay()
            tend_impressions.delay()
        except OperationalError:
            self.message_user(request, "The broker is away: nothing was started.", messages.ERROR)
            return redirect(request.path)
        self.log_change(request, DataPage(pk=1), f"Asked for missing partitions to be made. Why: {why}")
        self.message_user(request, "A worker makes the partitions; load the page again in a moment.")
        return redirect(request.path)


def download(pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """A file that the browser saves and nobody keeps on the way."""
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _changes() -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(DataPage, for_concrete_model=False)
    entries = LogEntry.objects.filter(content_type=kind).select_related("user")
    return list(entries.order_by("-id")[:_CHANGES_SHOWN])

"""The pages of imports that came by command or by the API: what is known of each, and what was refused."""

import re
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from catalog.imports.by_api import PAUSE
from catalog.imports.recording import REFUSED_FOR, REFUSED_KEPT
from catalog.models import ImportRun
from console.admin.access import ReadOnly
from console.data.refused import refused_file

_SHOWN = 10


@admin.register(ImportRun)
class RecordedImportAdmin(ReadOnly):
    """Their list is the page of all imports."""

    def get_urls(self) -> list[URLPattern]:
        report = self.admin_site.admin_view(self.report_view)
        own = [path("<int:run_id>/report/", report, name="catalog_importrun_report")]
        found: list[URLPattern] = own + super().get_urls()
        return found

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:console_importrun_changelist")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=object_id if re.fullmatch(r"\d{1,18}", object_id) else 0)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import of {run.kind} {'through the API' if run.door == ImportRun.Door.API else 'by command'}",
            "run": run,
            "by_api": run.door == ImportRun.Door.API,
            "is_open": is_open(run),
            "bad": list(run.refused_rows.order_by("id")[:_SHOWN]),
            "kept": min(run.refused, REFUSED_KEPT),
            "kept_days": REFUSED_FOR.days,
            "list": reverse("admin:console_importrun_changelist"),
        }
        return TemplateResponse(request, "console/data/recorded.html", context)

    def report_view(self, request: HttpRequest, run_id: int) -> StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=run_id)
        of_list = ("request_id",) if run.door == ImportRun.Door.API else ()
        return refused_file(
            run.refused_rows.order_by("id"),
            (*of_list, "line", "field", "reason"),
            name=f"import-{run.kind}-{run.pk}-refused",
            asked=request.GET.get("format", ""),
        )


def is_open(run: ImportRun) -> bool:
    """Whether the next list of its key belongs to it."""
    return run.door == ImportRun.Door.API and run.ended_at > timezone.now() - PAUSE

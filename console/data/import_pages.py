"""Imports in the admin: upload, look at what would happen, say yes, watch, and fetch what was refused."""

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.imports import ImportFileError
from console.admin.access import ReadOnly
from console.config import config
from console.data import storing
from console.data.forms import ReasonForm, UploadForm
from console.data.import_list import SHOWN, newest
from console.data.previewing import CHECKED, preview
from console.data.refused import refused_file
from console.data.running import finish, options_of
from console.models import ImportRun
from console.tasks import import_file

State = ImportRun.State


@admin.register(ImportRun)
class ImportAdmin(ReadOnly):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("console.add_importrun")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Those of the command too: two lists would say nearly the same."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        refused_only = request.GET.get("refused") == "1"
        return self._page(
            request,
            "imports",
            title="Imports",
            lines=newest(refused_only=refused_only),
            refused_only=refused_only,
            shown=SHOWN,
            may_add=self.has_add_permission(request),
        )

    def get_urls(self) -> list[URLPattern]:
        report = self.admin_site.admin_view(self.report_view)
        own = [path("<int:run_id>/report/", report, name="console_importrun_report")]
        found: list[URLPattern] = own + super().get_urls()
        return found

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect(_page_of(_uploaded(form.cleaned_data, request.user.get_username())))
            except ImportFileError as error:
                form.add_error("file", str(error))
        limit_mb = config().import_max_bytes // 1024**2
        return self._page(request, "upload", title="Import a file", form=form, limit_mb=limit_mb)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=object_id if re.fullmatch(r"\d{1,18}", object_id) else 0)
        may_move = run.state == State.PREVIEWED and self.has_add_permission(request)
        form = ReasonForm(request.POST or None)
        if request.method == "POST":
            if not may_move:
                raise PermissionDenied
            if "cancel" in request.POST:
                finish(run, State.CANCELLED)
                self.log_change(request, run, "Cancelled before anything was written.")
                return redirect(_page_of(run))
            if form.is_valid():
                return self._confirmed(request, run, form.cleaned_data["why"])
        answer = self._page(
            request,
            "run",
            title=f"Import of {run}",
            run=run,
            form=form if may_move else None,
            checked=CHECKED,
            bad=list(run.bad_lines.order_by("id")[:10]),
            percent=round(100 * run.progress),
        )
        if run.state in (State.WAITING, State.RUNNING):
            answer["Refresh"] = "4"  # seconds
        return answer

    def report_view(self, request: HttpRequest, run_id: int) -> StreamingHttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=run_id)
        return refused_file(
            run.bad_lines.order_by("id"),
            ("line", "field", "reason"),
            name=f"import-{run.pk}-refused",
            asked=request.GET.get("format", ""),
        )

    def _confirmed(self, request: HttpRequest, run: ImportRun, why: str) -> HttpResponse:
        ready = ImportRun.objects.filter(pk=run.pk, state=State.PREVIEWED)
        if ready.update(state=State.WAITING, why=why):
            self.log_change(request, run, f"Confirmed; nothing was written before. Why: {why}")
            try:
                import_file.delay(run.pk)
            except OperationalError:
                ImportRun.objects.filter(pk=run.pk).update(state=State.PREVIEWED)
                self.message_user(
                    request,
                    "The broker is away: nothing was started. Try again once it is back.",
                    messages.ERROR,
                )
        return redirect(_page_of(run))

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context |= {
            **self.admin_site.each_context(request),
            "list": reverse("admin:console_importrun_changelist"),
        }
        return TemplateResponse(request, f"console/data/{template}.html", context)


def _uploaded(given: dict[str, Any], username: str) -> ImportRun:
    """The run that waits for a yes, with its preview. Raises ImportFileError; then nothing is kept."""
    upload = given["file"]
    run = ImportRun(
        kind=given["kind"],
        file_name=storing.shown_name(upload.name),
        ending=storing.ending_of(upload.name),
        size_bytes=upload.size,
        create_missing=given["create_missing"],
        create_types=given["create_types"],
        uploaded_by=username,
        uploaded_at=timezone.now(),
    )
    with storing.laid_out(storing.pieces_of(upload), run.ending) as file:
        run.preview = preview(file, run.kind, options_of(run, dry_run=True))
    storing.keep(run, upload)
    return run


def _page_of(run: ImportRun) -> str:
    return reverse("admin:console_importrun_change", args=[run.pk])

"""The demo's simulated audience in the admin: what it is, and its switch."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from console.admin.access import Desk
from console.audience import Audience, audience, switch
from console.data.forms import ReasonForm
from console.models import AudiencePage

SWITCH = "console.switch_audience"
_CHANGES_SHOWN = 20


@admin.register(AudiencePage)
class AudienceAdmin(Desk):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, may_switch = audience(), request.user.has_perm(SWITCH)
        form = ReasonForm(request.POST or None)
        if request.method == "POST":
            if not may_switch:
                raise PermissionDenied
            if found and form.is_valid():
                return self._switched(request, found, form.cleaned_data["why"])
        context = {
            **self.admin_site.each_context(request),
            "title": "Simulated audience",
            "audience": found,
            "form": form if found and may_switch else None,
            "changes": _changes(),
        }
        return TemplateResponse(request, "console/admin/audience.html", context)

    def _switched(self, request: HttpRequest, found: Audience, why: str) -> HttpResponse:
        # What the page said, and not the opposite of what is: two people who press at once both mean the same.
        on = request.POST.get("to") == "on"
        try:
            switch(on=on)
        except OSError as error:
            self.message_user(request, f"Its switch can't be moved: {error}.", messages.ERROR)
            return redirect(request.path)
        after = "on" if on else "off"
        before = "on" if found.wanted else "off"
        self.log_change(request, AudiencePage(pk=1), f"Switched from {before} to {after}. Why: {why}")
        self.message_user(request, f"The simulated audience is switched {after}.", messages.SUCCESS)
        return redirect(request.path)


def _changes() -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(AudiencePage, for_concrete_model=False)
    entries = LogEntry.objects.filter(content_type=kind).select_related("user")
    return list(entries.order_by("-id")[:_CHANGES_SHOWN])

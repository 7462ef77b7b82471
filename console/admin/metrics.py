"""The metrics pages, among the pages of the days that they are counted by."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from console.admin.access import ReadOnly
from console.metrics.online import online_page
from console.metrics.worth import worth_page
from retrieval.models import DayTotals


@admin.register(DayTotals)
class MetricsAdmin(ReadOnly):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        sources = path("sources/", view(self.sources_view), name="retrieval_daytotals_sources")
        return [sources, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._demand_view(request)
        return online_page(request, self.admin_site, timezone.now())

    def sources_view(self, request: HttpRequest) -> HttpResponse:
        self._demand_view(request)
        return worth_page(request, self.admin_site, timezone.now())

    def _demand_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

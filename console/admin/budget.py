"""The page of the error budgets, where the list of the days would be that it is reckoned from."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from console.admin.access import Desk
from console.budget.page import budget_page
from retrieval.models import RequestDay


@admin.register(RequestDay)
class BudgetAdmin(Desk):
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return budget_page(request, self.admin_site, timezone.now())

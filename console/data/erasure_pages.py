"""Erasing a person in the admin, with the receipt; and before it, all that is held about them."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from console.admin.access import LargeTable
from console.admin.confirm import Confirmation, ask
from console.data.data_page import download
from console.data.forms import ErasureForm, PersonForm
from console.models import DataPage
from retrieval.erasing import erase, held_about, user_hash
from retrieval.models import Erasure

_LIST = "admin:retrieval_erasure_changelist"
_PLACES = {
    "late_rows": "rows that were written meanwhile",
    "cache_entries": "entries of the cache",
    "snapshot_rows": "rows of training snapshots, of all who were erased since",
}


@admin.register(Erasure)
class ErasureAdmin(LargeTable):
    list_display = ["receipt", "state", "erased_at", "completed_at", "erased_by"]
    ordering = ["-erased_at"]
    search_fields = ["receipt"]
    search_help_text = "A receipt, or the user's id as it was: it is looked for by its keyed hash."
    actions_list = ["erase_user", "export_user"]

    @admin.display(description="State")
    def state(self, erasure: Erasure) -> str:
        return erasure.status

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Erasure], search_term: str
    ) -> tuple[QuerySet[Erasure], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(receipt=uuid.UUID(term)), False
        except ValueError:
            return queryset.filter(user_hash=user_hash(term)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        erasure = self.get_object(request, object_id)
        if erasure is None or not self.has_view_permission(request):
            answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return answer
        context = {
            **self.admin_site.each_context(request),
            "title": f"Receipt {erasure.receipt}",
            "erasure": erasure,
            "copies": [(_PLACES.get(place, place), count) for place, count in erasure.copies.items()],
            "list": reverse(_LIST),
        }
        return TemplateResponse(request, "console/data/erasure.html", context)

    def has_erase_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm("catalog.delete_user")

    def has_export_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perms(["catalog.view_user", "console.export_data"])

    @action(description="Erase a user", icon="person_remove", url_path="erase", permissions=["erase"])
    def erase_user(self, request: HttpRequest) -> HttpResponse:
        form = ErasureForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            erasure = erase(
                given["user"], by=request.user.get_username(), why=given["why"], now=timezone.now()
            )
            if erasure is not None:
                self.log_addition(request, erasure, f"Erased a user. Why: {given['why']}")
                self.message_user(request, "Erased. This is the receipt.", messages.SUCCESS)
                return redirect("admin:retrieval_erasure_change", erasure.pk)
            form.add_error("user", "There is no such user.")
        confirmation = Confirmation(
            title="Erase a user",
            text="Everything that is known of them goes from every table at once, and from caches, graphs and training "
            "snapshots within minutes. A receipt says what was erased.",
            button="Erase for good",
            back=reverse(_LIST),
            form=form,
        )
        return ask(request, self.admin_site, confirmation)

    @action(
        description="Export what is held about a user",
        icon="download",
        url_path="export-user",
        permissions=["export"],
    )
    def export_user(self, request: HttpRequest) -> HttpResponseBase:
        form = PersonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            name, now = form.cleaned_data["user"], timezone.now()
            pieces = held_about(name, now)
            if pieces is not None:
                self._note_export(request, name, form.cleaned_data["why"])
                return download(pieces, f"user-{now:%Y%m%d-%H%M}.json")
            form.add_error("user", "There is no such user.")
        confirmation = Confirmation(
            title="Export what is held about a user",
            text="One JSON file with every row of every table that refers to them.",
            button="Download",
            back=reverse(_LIST),
            form=form,
        )
        return ask(request, self.admin_site, confirmation)

    def _note_export(self, request: HttpRequest, name: str, why: str) -> None:
        what = f"Exported all that is held about the user {user_hash(name)[:12]}… (keyed hash). Why: {why}"
        self.log_change(request, DataPage(pk=1), what)

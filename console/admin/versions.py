"""Model versions: their reports, and moving the pointer that says which one serves."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.decorators import action

from console.admin.access import Illustrated
from console.admin.confirm import Confirmation, ask
from console.admin.search_page import search_page
from console.admin.version_report import picture_context
from retrieval import versions
from retrieval.models import LivePointer, ModelVersion
from retrieval.types import RetrievalError


@admin.register(ModelVersion)
class ModelVersionAdmin(Illustrated):
    list_display = ["__str__", "state", "dim", "cutoff", "created_at", "done"]
    list_filter = ["state"]
    readonly_fields = ["created_at", "vectors_table"]
    fields = [
        "state",
        "error",
        "dim",
        "cutoff",
        "created_at",
        "vectors_table",
        "done_steps",
        "report",
        "config",
    ]
    actions_detail = ["search_of_version", "promote_version", "roll_back"]
    change_form_before_template = "console/admin/version.html"

    def shown_with(self, row: ModelVersion) -> dict[str, Any]:
        return picture_context(row)

    @admin.display(description="Steps done")
    def done(self, version: ModelVersion) -> int:
        return len(version.done_steps)

    def has_promote_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm("retrieval.change_livepointer")

    @action(description="Search", icon="speed", url_path="search", permissions=["view"])
    def search_of_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = get_object_or_404(ModelVersion, pk=object_id)
        back = reverse("admin:retrieval_modelversion_change", args=[version.pk])
        may_measure = self.has_promote_permission(request)
        return search_page(request, self.admin_site, version, may_measure=may_measure, back=back)

    @action(description="Promote", icon="rocket_launch", url_path="promote", permissions=["promote"])
    def promote_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = get_object_or_404(ModelVersion, pk=object_id)
        back = reverse("admin:retrieval_modelversion_change", args=[version.pk])
        if request.method == "POST":
            return self._moved(request, version, back, lambda: versions.promote(version.pk))
        confirmation = Confirmation(
            title=f"Promote {version}",
            text=f"{_serving()} From the next second on, users and items come from version {version.pk}.",
            button="Promote",
            back=back,
        )
        return ask(request, self.admin_site, confirmation)

    @action(description="Roll back", icon="undo", url_path="roll-back", permissions=["promote"])
    def roll_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = get_object_or_404(ModelVersion, pk=object_id)
        back = reverse("admin:retrieval_modelversion_changelist")
        if request.method == "POST":
            return self._moved(request, version, back, versions.rollback)
        confirmation = Confirmation(
            title="Roll back to the previous version", text=_serving(), button="Roll back", back=back
        )
        return ask(request, self.admin_site, confirmation)

    def _moved(
        self, request: HttpRequest, version: ModelVersion, back: str, move: Callable[[], object]
    ) -> HttpResponse:
        try:
            move()
        except RetrievalError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(back)
        self.log_change(request, version, _serving())
        self.message_user(request, _serving(), messages.SUCCESS)
        return redirect(back)


def _serving() -> str:
    pointer = LivePointer.objects.select_related("previous").first()
    if pointer is None:
        return "No version serves yet."
    before = f", version {pointer.previous_id} before it" if pointer.previous_id else ""
    return f"Version {pointer.version_id} serves{before}."

"""Mixes: numbered revisions that are never edited, only followed; and which of them is served."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from console.admin.access import ReadOnly
from console.admin.shares_page import shares_page
from console.mixing.access import PUBLISH, SEE_PEOPLE, TRY_OUT, VIEW
from console.mixing.preview_page import preview
from console.mixing.publishing_page import publishing
from console.mixing.trying_page import trying_out
from console.mixing.urls import paths
from retrieval.mixes import DEFAULT_BODY, InvalidMix, check_mix
from retrieval.models import MixRevision, PublishedMix


class BodyField(forms.JSONField):
    """JSON that a person can read, checked as a mix."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, indent=2)

    def clean(self, value: Any) -> Any:
        body = super().clean(value)
        try:
            check_mix(body)
        except InvalidMix as error:
            raise ValidationError(str(error)) from error
        return body


class RevisionForm(ModelForm):
    body = BodyField(widget=UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false"}))

    class Meta:
        model = MixRevision
        fields = ["name", "note", "body"]


@admin.register(MixRevision)
class MixRevisionAdmin(ModelAdmin):
    form = RevisionForm
    list_display = ["number", "name", "note", "author", "created_at", "served_on"]
    list_display_links = ["number", "note"]
    search_fields = ["note", "author"]
    readonly_fields = ["author", "created_at"]
    actions_detail = ["follow", "preview", "try_out", "shares_of_revision", "publish_revision"]

    def has_change_permission(self, request: HttpRequest, obj: MixRevision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MixRevision | None = None) -> bool:
        return False

    def has_write_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        allowed: bool = self.has_add_permission(request)
        return allowed

    # Not a dotted name in the decorator: unfold's system check would look that up before the first migration.
    def has_publish_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm(PUBLISH)

    def has_preview_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perms((VIEW, SEE_PEOPLE))

    def has_try_out_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perms((PUBLISH, *TRY_OUT))

    def get_fields(self, request: HttpRequest, obj: MixRevision | None = None) -> list[str]:
        return ["name", "note", "body", "author", "created_at"] if obj else ["name", "note", "body"]

    @admin.display(description="Served on")
    def served_on(self, revision: MixRevision) -> str:
        served = PublishedMix.objects.filter(revision=revision).values_list("surface", flat=True)
        return ", ".join(surface or "all surfaces" for surface in served)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new revision begins as a copy: of the one asked for, else of what is published."""
        asked = request.GET.get("from", "")
        start = MixRevision.objects.filter(number=int(asked)).first() if asked.isdigit() else _served()
        if start is None:
            return {"body": DEFAULT_BODY}
        return {"name": start.name, "body": start.body}

    def save_model(self, request: HttpRequest, obj: MixRevision, form: Any, change: Any) -> None:
        obj.author = request.user.get_username()
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        # Before the admin's own, whose last one takes everything for a revision's number.
        return [*paths(self.admin_site.admin_view), *super().get_urls()]

    @action(description="Edit as a new draft", icon="tune", permissions=["write"])
    def follow(self, _request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:retrieval_mixrevision_edit')}?from=revision:{object_id}")

    @action(description="Preview", icon="compare", url_path="preview", permissions=["preview"])
    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return preview(request, object_id)

    @action(
        description="Try out as an experiment", icon="science", url_path="experiment", permissions=["try_out"]
    )
    def try_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return trying_out(request, object_id)

    @action(description="Bandit", icon="casino", url_path="bandit", permissions=["view"])
    def shares_of_revision(self, request: HttpRequest, object_id: str) -> HttpResponse:
        revision = get_object_or_404(MixRevision, number=object_id)
        back = reverse("admin:retrieval_mixrevision_change", args=[revision.number])
        return shares_page(request, self.admin_site, revision, back=back)

    @action(
        description="Publish or roll back to this",
        icon="publish",
        url_path="publish",
        permissions=["publish"],
    )
    def publish_revision(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return publishing(request, object_id)


@admin.register(PublishedMix)
class PublishedMixAdmin(ReadOnly):
    list_display = ["__str__", "published_at", "published_by"]
    list_select_related = ["revision"]


def _served() -> MixRevision | None:
    published = PublishedMix.objects.filter(surface="").select_related("revision").first()
    return published.revision if published else None

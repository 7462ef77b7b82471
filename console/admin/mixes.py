"""Mixes: numbered revisions that are never edited, only followed; and which of them is served."""

import difflib
import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from console.admin.access import ReadOnly
from console.admin.confirm import Confirmation, ask
from console.admin.shares_page import shares_page
from retrieval.mixes import DEFAULT_BODY, InvalidMix, check_mix, publish
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


class PublishForm(forms.Form):
    surface = forms.SlugField(
        max_length=40,
        required=False,
        help_text="Empty: every surface that has no mix of its own.",
        widget=UnfoldAdminTextInputWidget(),
    )


@admin.register(MixRevision)
class MixRevisionAdmin(ModelAdmin):
    form = RevisionForm
    list_display = ["number", "name", "note", "author", "created_at", "served_on"]
    list_display_links = ["number", "note"]
    search_fields = ["note", "author"]
    readonly_fields = ["author", "created_at"]
    actions_detail = ["follow", "shares_of_revision", "publish_revision"]

    def has_change_permission(self, request: HttpRequest, obj: MixRevision | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MixRevision | None = None) -> bool:
        return False

    def has_write_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        allowed: bool = self.has_add_permission(request)
        return allowed

    # Not a dotted name in the decorator: unfold's system check would look that up before the first migration.
    def has_publish_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm("retrieval.change_publishedmix")

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

    @action(description="Edit as a new revision", icon="edit_note", permissions=["write"])
    def follow(self, _request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:retrieval_mixrevision_add')}?from={object_id}")

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
        revision = get_object_or_404(MixRevision, number=object_id)
        back = reverse("admin:retrieval_mixrevision_change", args=[revision.number])
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            surface = form.cleaned_data["surface"]
            try:
                publish(revision.number, surface=surface, by=request.user.get_username())
            except InvalidMix as error:
                self.message_user(request, f"Not published: {error}", messages.ERROR)
                return redirect(back)
            where = surface or "all surfaces"
            self.log_change(request, revision, f"Published on {where}.")
            self.message_user(request, f"{revision} is served on {where}.", messages.SUCCESS)
            return redirect(back)
        return ask(request, self.admin_site, _confirmation(revision, form, back))


@admin.register(PublishedMix)
class PublishedMixAdmin(ReadOnly):
    list_display = ["__str__", "published_at", "published_by"]
    list_select_related = ["revision"]


def _served() -> MixRevision | None:
    published = PublishedMix.objects.filter(surface="").select_related("revision").first()
    return published.revision if published else None


def _confirmation(revision: MixRevision, form: PublishForm, back: str) -> Confirmation:
    served = _served()
    rolls_back = served is not None and served.number > revision.number
    verb = "Roll back" if rolls_back else "Publish"
    now = f"Now served: {served}, “{served.note}”." if served else "Nothing is published yet."
    return Confirmation(
        title=f"{verb} to {revision}" if rolls_back else f"{verb} {revision}",
        text=f"{now} From the next request on: {revision}, “{revision.note}”.",
        button=verb,
        back=back,
        form=form,
        diff=_difference(served, revision),
    )


def _difference(served: MixRevision | None, revision: MixRevision) -> list[str]:
    """The lines in which the two bodies differ, with their surroundings."""
    before = json.dumps(served.body if served else {}, indent=2).splitlines()
    after = json.dumps(revision.body, indent=2).splitlines()
    return list(difflib.unified_diff(before, after, str(served), str(revision), lineterm=""))

"""API keys in the admin: the key itself is shown once, in the answer that made it, and kept nowhere."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin
from unfold.decorators import action

from api.keys.changing import NotAllowed, revoke, rotate, state_of
from api.keys.forms import ApiKeyForm, ReasonForm, RotationForm
from api.models import ApiKey

# The library's own model, which nothing here reads: a key made there would open nothing.
admin.site.unregister(APIKey)
_LIST = "admin:api_apikey_changelist"


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    form = ApiKeyForm
    list_display = ["prefix", "name", "shown_scopes", "state", "created", "expiry_date", "last_used_at"]
    list_filter = ["revoked"]
    list_per_page = 50
    search_fields = ["prefix__exact", "name__istartswith"]
    search_help_text = "A key's prefix, or the beginning of a name."
    fields = ["name", "scopes", "expiry_date", "why"]
    actions_detail = ["rotate_key", "revoke_key"]

    @admin.display(description="Scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="State")
    def state(self, key: ApiKey) -> str:
        return state_of(key, timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Never: the history of what a key was belongs to the key. Revoke it."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A revoked key can't be brought back, so nothing of it can be changed."""
        return not (obj is not None and obj.revoked) and bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: Any) -> None:
        if not change:
            # For `response_add` alone: never in a message, which would leave it in a cookie.
            self._secrets(request)[obj.name] = ApiKey.objects.assign_key(obj)
        obj.save()

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        add: Any = False,  # noqa: FBT002  the parent's signature
    ) -> Any:
        if add:
            return f"Made with {', '.join(form.cleaned_data['scopes'])}. {form.cleaned_data['why']}".strip()
        return f"{form.changes()}. Why: {form.cleaned_data['why']}"

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        return self._shown_once(request, obj, self._secrets(request)[obj.name], note="")

    def has_end_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm("api.change_apikey")

    def has_replace_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perms(["api.change_apikey", "api.add_apikey"])

    @action(description="Rotate", icon="autorenew", url_path="rotate", permissions=["replace"])
    def rotate_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = get_object_or_404(ApiKey, pk=object_id)
        form = RotationForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            text = (
                f"A new key with {', '.join(key.scopes)} takes the place of {key.prefix}. It is shown once."
            )
            return self._asked(request, key, "Rotate", text, form)
        why, grace = form.cleaned_data["why"], form.cleaned_data["grace"]
        try:
            new, secret = rotate(key.prefix, now=timezone.now(), grace=grace)
        except NotAllowed as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(_LIST)
        ends = f"ends in {grace.total_seconds() / 3600:g} h" if grace else "has ended"
        self.log_change(request, key, f"Rotated: {new.prefix} replaces it, and it {ends}. Why: {why}")
        self.log_addition(request, new, f"Replaces {key.prefix}. Why: {why}")
        return self._shown_once(request, new, secret, note=f"The key {key.prefix} {ends}.")

    @action(description="Revoke", icon="block", url_path="revoke", permissions=["end"])
    def revoke_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = get_object_or_404(ApiKey, pk=object_id)
        form = ReasonForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            text = "Within a second it opens nothing any more, in any process. This can't be undone."
            return self._asked(request, key, "Revoke", text, form)
        try:
            revoke(key.prefix, now=timezone.now())
        except NotAllowed as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(_LIST)
        self.log_change(request, key, f"Revoked. Why: {form.cleaned_data['why']}")
        self.message_user(request, f"The key {key.prefix} of {key.name} is revoked.", messages.SUCCESS)
        return redirect(_LIST)

    def _asked(
        self, request: HttpRequest, key: ApiKey, verb: str, text: str, form: ReasonForm
    ) -> HttpResponse:
        back = reverse("admin:api_apikey_change", args=[key.pk])
        question = {"text": text, "button": verb, "back": back, "form": form}
        context = {**self.admin_site.each_context(request), "title": f"{verb} {key.prefix} of {key.name}"}
        return TemplateResponse(request, "console/admin/confirm.html", {**context, "confirmation": question})

    def _shown_once(self, request: HttpRequest, key: ApiKey, secret: str, *, note: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": f"The key of {key.name}"}
        shown = {"key": key, "secret": secret, "note": note, "back": reverse(_LIST)}
        answer = TemplateResponse(request, "console/admin/key.html", {**context, **shown})
        answer["Cache-Control"] = "no-store"
        return answer

    @staticmethod
    def _secrets(request: HttpRequest) -> dict[str, str]:
        kept: dict[str, str] = request.__dict__.setdefault("headwater_secrets", {})
        return kept

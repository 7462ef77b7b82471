"""API keys in the admin: the key itself is shown once, when it is made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from api.models import ApiKey, Scope

# The library's own model, which nothing here reads: a key made there would open nothing.
admin.site.unregister(APIKey)


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {scope.label}") for scope in Scope],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expiry_date", "revoked"]


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    form = ApiKeyForm
    list_display = ["prefix", "name", "scopes", "created", "expiry_date", "revoked"]
    list_filter = ["revoked"]
    search_fields = ["prefix__exact", "name__istartswith"]
    fields = ["name", "scopes", "expiry_date", "revoked"]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: Any) -> None:
        if change:
            obj.save()
            return
        key = ApiKey.objects.assign_key(obj)
        obj.save()
        self.message_user(request, f"The key of {obj.name}, shown this once only: {key}", messages.WARNING)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        """A revoked key can't be brought back, so nothing of it can be changed."""
        return ("name", "scopes", "expiry_date", "revoked") if obj is not None and obj.revoked else ()

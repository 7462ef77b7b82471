"""What staff fill in of a key."""

from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from api.models import ApiKey, Scope

_GRACES = {"0": "none: it ends now", "1": "an hour", "24": "a day", "168": "a week"}


class ReasonForm(forms.Form):
    why = forms.CharField(label="Why", max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}))


class RotationForm(ReasonForm):
    field_order = ["grace", "why"]
    grace = forms.TypedChoiceField(
        label="The old key goes on for",
        choices=list(_GRACES.items()),
        initial="24",
        coerce=lambda hours: timedelta(hours=int(hours)),
        widget=UnfoldAdminSelectWidget(),
    )


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {scope.label}") for scope in Scope],
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    why = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        help_text="Kept in the history; required for a change.",
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expiry_date"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance._state.adding and self.changed_data and not cleaned.get("why"):
            self.add_error("why", "Say why this changes.")
        return cleaned

    def changes(self) -> str:
        """What differs from before, for the history: "scopes: read → read, events"."""
        return "; ".join(
            f"{name}: {_shown(self.initial.get(name))} → {_shown(self.cleaned_data.get(name))}"
            for name in self.changed_data
            if name != "why"
        )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "none")

"""One source of a mix, as a person edits it."""

import json
from typing import Any

from django import forms

from retrieval.mixes import Slot
from retrieval.source import all_sources


def _number(label: str, step: str, **rest: Any) -> dict[str, Any]:
    attributes = {"class": "mix-number", "step": step, "inputmode": "decimal"}
    return {"label": label, "required": False, "widget": forms.NumberInput(attributes), **rest}


class SourceForm(forms.Form):
    """Types only: what a number may be is for the mix's own validation to say."""

    on = forms.BooleanField(label="In the mix", required=False)
    weight = forms.FloatField(**_number("Weight", "any"))
    quota = forms.IntegerField(**_number("Quota", "1"))
    limit_ms = forms.IntegerField(**_number("Deadline in ms", "1"))
    fade_events = forms.FloatField(**_number("Fades after events", "any"))
    options = forms.CharField(
        label="Options",
        required=False,
        widget=forms.Textarea({"class": "mix-text mix-code", "rows": 2, "spellcheck": "false"}),
    )
    drop_calibration = forms.BooleanField(label="Drop the learned numbers", required=False)

    def __init__(self, name: str, slot: Slot | None, data: Any = None) -> None:
        shown = slot or Slot(name=name, quota=100, weight=1.0, limit_ms=150)
        values = {
            "on": slot is not None,
            "weight": _plain(shown.weight),
            "quota": shown.quota,
            "limit_ms": shown.limit_ms,
            "fade_events": shown.fade_events,
            "options": json.dumps(shown.options) if shown.options else "",
        }
        super().__init__(data, prefix=name, initial=values, use_required_attribute=False)
        self.name, self.slot = name, slot
        label = all_sources()[name].label
        for key, field in self.fields.items():
            # The label around the switch is the source's name.
            if key != "on":
                field.widget.attrs["aria-label"] = f"{field.label} of {label}"

    def clean_options(self) -> dict[str, Any]:
        text = self.cleaned_data["options"].strip()
        try:
            found = json.loads(text or "{}")
        except ValueError as error:
            raise forms.ValidationError(f"This is no JSON: {error}.") from error
        if not isinstance(found, dict):
            raise forms.ValidationError('Use an object, like {"seeds": 20}.')
        return found

    def now(self, field: str) -> Any:
        """What the page shows of a field: what was typed, else what the mix has."""
        value = self[field].value()
        return self.fields[field].initial if value is None else value


def _plain(value: float) -> float | int:
    return int(value) if value == int(value) else value

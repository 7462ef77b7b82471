"""Parts of a mix that are written as JSON: as readable as they can be, and refused with the place of the mistake."""

import json
from typing import Any

from django import forms


class JsonPart(forms.CharField):
    """Its value is what the text says, or None where there is no text. shape: the type it has to be."""

    def __init__(self, label: str, shape: type, example: str, help_text: str) -> None:
        widget = forms.Textarea(
            {
                "class": "mix-text mix-code",
                "rows": 8,
                "spellcheck": "false",
                "autocapitalize": "off",
                "placeholder": example,
            }
        )
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)
        self._shape, self._example = shape, example

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2) if value else ""

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value)).strip()
        if not text:
            return None
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                f"This is no JSON: {error.msg} in line {error.lineno}, column {error.colno}."
            ) from error
        if not isinstance(found, self._shape):
            name = "a list" if self._shape is list else "an object"
            raise forms.ValidationError(f"Use {name}, like {self._example}")
        return found

"""One code."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

_DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 7}


class CodeForm(forms.Form):
    """Six digits, with or without a space between."""

    code = forms.CharField(
        label="Code", max_length=7, widget=UnfoldAdminTextInputWidget(attrs=_DIGITS), strip=True
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if not (len(code) == 6 and code.isascii() and code.isdigit()):
            raise forms.ValidationError("Six digits, as the authenticator shows them.")
        return code


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label="Recovery code",
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        code: Any = self.cleaned_data["code"]
        if code.isdigit():
            raise forms.ValidationError("One of the ten codes of letters and digits that you kept.")
        return str(code)

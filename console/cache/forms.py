"""What is to be made anew, and why."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog.texts import external_id_problem

_MOST = 100


class Names(forms.CharField):
    """Ids or texts, one per line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            strip=False,
            widget=UnfoldAdminTextareaWidget({"rows": 3, "spellcheck": "false"}),
            **options,
        )

    def clean(self, value: Any) -> list[str]:
        names = [line.strip() for line in super().clean(value).splitlines()]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > _MOST:
            raise forms.ValidationError(f"At most {_MOST} at once.")
        for name in names:
            if problem := external_id_problem(name):
                raise forms.ValidationError(f"{name[:40]}: {problem}")
        return names


class InvalidationForm(forms.Form):
    users = Names(label="Users", help_text="External ids, one per line: everything kept for them.")
    items = Names(label="Items", help_text="External ids: everybody's candidates that include one of them.")
    creators = Names(label="Creators", help_text="External ids: the same for all their items.")
    tags = Names(label="Tags", help_text="The same for all items with one of these tags.")
    why = forms.CharField(label="Why", max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned[kind] for kind in ("users", "items", "creators", "tags")):
            raise forms.ValidationError("Name at least one user, item, creator or tag.")
        return cleaned

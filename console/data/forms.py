"""What staff fill in to bring data in, take it out, or erase a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from catalog.imports import KINDS, ImportFileError
from catalog.texts import external_id_problem
from console.config import config
from console.data.exporting import EXPORTS, MOST_ROWS
from console.data.formats import FORMATS
from console.data.storing import ending_of


class ReasonForm(forms.Form):
    why = forms.CharField(label="Why", max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 2}))


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="What it holds", choices=(), widget=UnfoldAdminSelectWidget())
    file = forms.FileField(
        label="File",
        help_text=".jsonl, .csv (both also with .gz), .parquet or .npz; the formats are in docs/data.md.",
        widget=UnfoldAdminFileFieldWidget(),
    )
    create_missing = forms.BooleanField(
        label="Make users and items that events or follows name for the first time",
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    create_types = forms.BooleanField(
        label="Make event types that are unknown, with weight 1", required=False, widget=UnfoldBooleanWidget()
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind, kind) for kind in KINDS]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > config().import_max_bytes:
            raise forms.ValidationError(
                f"Larger than {config().import_max_bytes // 1024**2} MB: split it, or use manage.py import_data."
            )
        try:
            ending_of(upload.name)
        except ImportFileError as error:
            raise forms.ValidationError(str(error)) from error
        return upload


class ExportForm(ReasonForm):
    field_order = ["kind", "format", "most", "since", "until", "why"]
    kind = forms.ChoiceField(
        label="What", choices=[(kind, kind) for kind in EXPORTS], widget=UnfoldAdminSelectWidget()
    )
    format = forms.ChoiceField(
        label="Format",
        choices=[(name, name) for name in FORMATS],
        help_text="CSV is for spreadsheets: what could be a formula gets an apostrophe. Import from the others.",
        widget=UnfoldAdminSelectWidget(),
    )
    most = forms.IntegerField(
        label="Rows at most",
        initial=100_000,
        min_value=1,
        max_value=MOST_ROWS,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    since = forms.DateField(
        label="Events since",
        required=False,
        help_text="Empty: of the last 30 days.",
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
    )
    until = forms.DateField(
        label="Events before",
        required=False,
        help_text="Empty: until now.",
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
    )

    def period(self, now: datetime) -> dict[str, datetime]:
        """since and until, as moments."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return {
            "since": _midnight(since) if since else now - timedelta(days=30),
            "until": _midnight(until) if until else now,
        }


class PersonForm(ReasonForm):
    field_order = ["user", "why"]
    user = forms.CharField(
        label="User",
        max_length=255,
        strip=False,
        help_text="The external id, exactly.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_user(self) -> str:
        name = str(self.cleaned_data["user"])
        if problem := external_id_problem(name):
            raise forms.ValidationError(problem)
        return name


class ErasureForm(PersonForm):
    field_order = ["user", "again", "why"]
    again = forms.CharField(
        label="The id once more",
        max_length=255,
        strip=False,
        help_text="There is no way back.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and cleaned["user"] != cleaned["again"]:
            self.add_error("again", "The two ids differ.")
        return cleaned


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)

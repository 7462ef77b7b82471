"""What a mix says beside its sources, as a person edits it."""

from typing import Any

from django import forms

from catalog.event_types import type_ids
from console.mixing.json_field import JsonPart
from retrieval.merging import MERGES
from retrieval.mixes import Mix
from retrieval.models import MixRevision
from retrieval.source import all_sources

MERGE_WORDS = {
    "calibrated": "Calibrated: weights multiply how far a score stands out",
    "reciprocal_rank": "Reciprocal rank: weights multiply 1 ÷ (60 + rank)",
    "sampling": "Sampling: places are drawn with chances by weight",
    "quotas": "Quotas: sources interleave by their quotas",
    "round_robin": "Round robin: one of each source in turn",
}
_NUMBERS = ("bias", "overfetch", "window_days", "maturity_events", "interest_worth_events")
SHARES = ("creator_share", "category_share", "tag_share", "explore_share")


def _number(label: str, step: str = "any", help_text: str = "") -> forms.FloatField:
    widget = forms.NumberInput({"class": "mix-number", "step": step, "inputmode": "decimal"})
    return forms.FloatField(label=label, required=False, widget=widget, help_text=help_text)


def _choices(label: str, help_text: str = "") -> forms.MultipleChoiceField:
    widget = forms.CheckboxSelectMultiple()
    return forms.MultipleChoiceField(label=label, required=False, widget=widget, help_text=help_text)


def surface_field(label: str) -> forms.SlugField:
    return forms.SlugField(
        label=label,
        max_length=40,
        required=False,
        help_text="Empty: all surfaces that have no mix of their own.",
        widget=forms.TextInput({"class": "mix-text", "list": "surfaces", "placeholder": "all surfaces"}),
    )


class MixForm(forms.Form):
    surface = surface_field("For surface")
    note = forms.CharField(
        label="Why this draft",
        max_length=500,
        help_text="What you changed and what you expect of it. It stays with the revision.",
        widget=forms.TextInput({"class": "mix-text"}),
    )
    merge = forms.ChoiceField(
        label="Merge",
        choices=[(name, MERGE_WORDS.get(name, name)) for name in MERGES],
        widget=forms.Select({"class": "mix-text"}),
    )
    bias = _number("Bias", help_text="Of the calibrated merge: it moves all scores alike, never the order.")
    overfetch = _number("Overfetch", help_text="How many times the answer's length sources are asked for.")
    hide_seen = forms.BooleanField(label="Hide what the user has met", required=False)
    seen_types = _choices("Met by", "None: any event.")
    window_days = _number("Hidden for days", help_text="Empty: for as long as the history reaches.")
    creator_share = _number("Creator, at most", "0.05", "Share of an answer, 0 to 1; 1: no cap.")
    category_share = _number("Category, at most", "0.05", "Likewise.")
    tag_share = _number("Tag, at most", "0.05", "Likewise.")
    explore_share = _number("Exploring, at least", "0.05", "Share of an answer from exploring sources.")
    strict = forms.BooleanField(label="Rather fall short than break a cap", required=False)
    fill = _choices("Fill short answers from")
    newcomers_revision = forms.TypedChoiceField(
        label="Mix for newcomers",
        required=False,
        coerce=int,
        empty_value=None,
        help_text="Fills the answers of people of whom little is known.",
        widget=forms.Select({"class": "mix-text"}),
    )
    maturity_events = _number("Gives way after events")
    interest_worth_events = _number("A chosen interest is worth events")
    keep_segments = forms.BooleanField(label="Keep learned numbers for segments of users", required=False)
    segments = JsonPart(
        "Learned numbers for segments of users",
        list,
        '[{"below_events": 20, "calibration": {"trending": {"present": 1.5, "score": 0.4, "rank": 0}}}]',
        "Of the calibrated merge: people with fewer events than below_events are ranked by these. Empty: all alike.",
    )
    bandit = JsonPart(
        "Bandit",
        dict,
        '{"arms": {"usual": {}, "fresher": {"trending": 4}}, "segments": {"device": ["phone"], "events": [10, 100]}}',
        "Ways of sharing the answer out between the sources, of which the one that serves best is learned by segment. "
        "An arm's numbers multiply weight and quota. Empty: none.",
    )

    def __init__(self, mix: Mix, data: Any = None, *, body: dict[str, Any], surface: str = "") -> None:
        beside, caps = mix.newcomers, mix.caps
        values = {
            "surface": surface,
            "merge": mix.merge,
            "bias": mix.bias,
            "overfetch": mix.overfetch,
            "hide_seen": mix.hide_seen,
            "seen_types": sorted(mix.seen_types),
            "window_days": mix.seen_window_days,
            **{name: getattr(caps, name) for name in SHARES},
            "strict": caps.strict,
            "fill": list(mix.fill),
            "newcomers_revision": beside.revision if beside else None,
            "maturity_events": beside.maturity_events if beside else None,
            "interest_worth_events": beside.interest_worth_events if beside else None,
            "keep_segments": bool(mix.segments),
            "segments": body.get("segments"),
            "bandit": body.get("bandit"),
        }
        plain = {name: _plain(values[name]) for name in (*_NUMBERS, *SHARES)}
        super().__init__(data, prefix="mix", initial=values | plain, use_required_attribute=False)
        self._offer("seen_types", [(name, name) for name in type_ids()])
        self._offer("fill", [(name, source.label) for name, source in all_sources().items()])
        named = MixRevision.objects.filter(name="newcomers").values_list("number", "note")[:20]
        others = {} if beside is None else {beside.revision: "as before"}
        found = {**others, **dict(named)}
        self._offer(
            "newcomers_revision",
            [("", "None"), *((number, f"#{number}: {note[:50]}") for number, note in found.items())],
        )

    def _offer(self, field: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[field].choices = choices  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value

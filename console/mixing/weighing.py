"""The editor's rows: each source with its share, and a word where its weight changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from console.inspector.tiles import SourceLabel, source_label
from console.mixing.source_form import SourceForm
from retrieval.mixes import Mix

# By what a merge weighs sources against each other; of the others all count alike.
COUNTS = {"calibrated": "weight", "reciprocal_rank": "weight", "sampling": "weight", "quotas": "quota"}
_LEAST_SLIDER = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """share: percent of what is weighed, None where learned numbers count. learned: those, in words; "" where none.
    below: of users with fewer events than this learned numbers count, 0 where of none."""

    form: SourceForm
    source: SourceLabel
    share: float | None
    slider_to: float
    learned: str
    below: int
    explores: bool = False

    @property
    def on(self) -> bool:
        return bool(self.form.now("on"))

    @property
    def dead(self) -> bool:
        """Its weight changes nothing, as the calibrated merge has learned numbers instead."""
        return bool(self.learned) and not self.form.now("drop_calibration")

    @property
    def opened(self) -> bool:
        hidden = ("options", "fade_events")
        return any(self.form.errors.get(name) for name in hidden) if self.form.is_bound else False


def rows_of(mix: Mix, forms: Sequence[SourceForm], merge: str) -> list[Row]:
    counts = COUNTS.get(merge, "")
    strengths = [_strength(form, counts, merge) for form in forms]
    whole = sum(strength for strength in strengths if strength is not None)
    below = {name: one.below_events for one in mix.segments for name in one.calibration}
    return [
        Row(
            form=form,
            source=source_label(form.name),
            share=None if strength is None else round(100 * strength / whole, 1) if whole else 0.0,
            slider_to=max(
                _LEAST_SLIDER, 2 * _number(form.fields["weight"].initial or form.initial["weight"])
            ),
            learned=_learned(form),
            below=below.get(form.name, 0),
        )
        for form, strength in zip(forms, strengths, strict=True)
    ]


def _strength(form: SourceForm, counts: str, merge: str) -> float | None:
    if not form.now("on"):
        return 0.0
    if merge == "calibrated" and _learned(form) and not form.now("drop_calibration"):
        return None
    return max(_number(form.now(counts)), 0.0) if counts else 1.0


def _learned(form: SourceForm) -> str:
    if form.slot is None or form.slot.calibration is None:
        return ""
    present, score, rank = form.slot.calibration
    return f"present {present:+.3g}, score {score:+.3g}, rank {rank:+.3g}"


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0

"""What a metrics page is asked for: the step, how far back, and of whom and what."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from unfold.widgets import UnfoldAdminSelectWidget

from experiments.models import Experiment, Variant
from retrieval.models import AnswerHour, SourceHour
from retrieval.source import all_sources

NOT_NAMED = "-"  # the surface of impressions of which nobody said any
_MOST_SURFACES, _MOST_ARMS = 50, 60
_DAYS = (("1", "1 day"), ("7", "7 days"), ("14", "14 days"), ("28", "28 days"))
MOST_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class Choice:
    """None: all of them. filters: the names of those that are set."""

    step: str = "day"
    days: int = 14
    surface: str | None = None
    source: str | None = None
    arm: int | None = None
    newcomer: bool | None = None

    @property
    def filters(self) -> frozenset[str]:
        values = {
            "surface": self.surface,
            "source": self.source,
            "arm": self.arm,
            "people": self.newcomer,
        }
        return frozenset(name for name, value in values.items() if value is not None)

    def starts(self, now: datetime) -> list[datetime]:
        """Of each hour or day, oldest first; the last is under way."""
        now = now.astimezone(UTC)
        hourly = self.step == "hour"
        length = timedelta(hours=1) if hourly else timedelta(days=1)
        last = now.replace(minute=0, second=0, microsecond=0)
        last = last if hourly else last.replace(hour=0)
        steps = min(self.days * 24, MOST_HOURS) if hourly else self.days
        return [last - length * back for back in reversed(range(steps))]


class ChoiceForm(forms.Form):
    """Whatever it can't read is as if it had not been said."""

    step = forms.ChoiceField(choices=[("day", "By day"), ("hour", "By hour")], required=False, label="Step")
    days = forms.ChoiceField(choices=_DAYS, required=False, label="Back")
    surface = forms.ChoiceField(required=False, label="Surface")
    source = forms.ChoiceField(required=False, label="Source")
    arm = forms.ChoiceField(required=False, label="Arm")
    people = forms.ChoiceField(
        choices=[("", "Everybody"), ("new", "Known for less than a week"), ("returning", "Known for longer")],
        required=False,
        label="People",
    )

    def __init__(self, asked: QueryDict, now: datetime) -> None:
        super().__init__({"step": "day", "days": "14", **asked.dict()})
        self._offer("surface", [("", "All surfaces"), *_surfaces(now)])
        self._offer(
            "source", [("", "All sources"), *((name, one.label) for name, one in all_sources().items())]
        )
        self._offer("arm", [("", "Whatever the arm"), *_arms()])
        for field in self.fields.values():
            field.widget = UnfoldAdminSelectWidget(choices=field.choices)  # type: ignore[attr-defined]

    def choice(self) -> Choice:
        self.is_valid()
        said: dict[str, Any] = self.cleaned_data
        surface, people, arm = said.get("surface"), said.get("people"), said.get("arm")
        return Choice(
            step=said.get("step") or "day",
            days=int(said.get("days") or 14),
            surface=("" if surface == NOT_NAMED else surface) if surface else None,
            source=said.get("source") or None,
            arm=int(arm) if arm else None,
            newcomer=people == "new" if people else None,
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def _surfaces(now: datetime) -> list[tuple[str, str]]:
    since = now - timedelta(days=7)
    names = SourceHour.objects.filter(hour__gte=since).values_list("surface").distinct()
    answered = AnswerHour.objects.filter(hour__gte=since).values_list("surface").distinct()
    found = sorted({name for (name,) in names.union(answered)[:_MOST_SURFACES]})
    return [(name or NOT_NAMED, name or "(not named)") for name in found]


def _arms() -> list[tuple[str, str]]:
    begun = Variant.objects.exclude(experiment__status=Experiment.Status.DRAFT).select_related("experiment")
    newest = begun.order_by("-experiment_id", "id")[:_MOST_ARMS]
    return [(str(one.pk), f"{one.experiment.name}: {one.name}") for one in newest]

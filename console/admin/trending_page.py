"""The page of what is hot: the live lists with the formula's parts, and what another half-life would make of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, log
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from console.admin import trending_report
from console.admin.trending_report import Asked
from retrieval import trending
from retrieval.models import TopList
from retrieval.types import CacheUnavailable

_TAGS_OFFERED = 100
# Beat rebuilds every five minutes: three that failed are a fault.
_STALE_S = 900


class TrendingForm(forms.Form):
    category = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())
    tag = forms.CharField(
        required=False, max_length=100, widget=UnfoldAdminTextInputWidget({"list": "tags-offered"})
    )
    half_life_h = forms.FloatField(
        label="Half-life in hours",
        required=False,
        min_value=0.1,
        max_value=24 * 365,
        widget=UnfoldAdminDecimalFieldWidget({"step": "any"}),
    )

    def __init__(self, data: Any, categories: tuple[str, ...]) -> None:
        super().__init__(data)
        self.fields["category"].choices = [("", "All"), *((name, name) for name in categories)]  # type: ignore[attr-defined]


def trending_page(request: HttpRequest, site: AdminSite, *, back: str) -> HttpResponse:
    now = datetime.now(UTC)
    context = {**site.each_context(request), "title": "Trending", "back": back}
    try:
        context |= _shown(request, now)
        status = 200
    except CacheUnavailable:
        status = 503
    return TemplateResponse(request, "console/admin/trending.html", context, status=status)


def _shown(request: HttpRequest, now: datetime) -> dict[str, Any]:
    standing = trending.standing()
    live_h = standing.time_constant_s * log(2) / 3600
    given = {name: request.GET[name] for name in ("category", "tag", "half_life_h") if request.GET.get(name)}
    form = TrendingForm({"half_life_h": f"{live_h:.2f}", **given}, standing.categories)
    good = form.cleaned_data if form.is_valid() else {}
    half_life_h = float(good.get("half_life_h") or live_h)
    # As the form shows it, it is the live one.
    is_live = abs(half_life_h - live_h) < 0.005
    time_constant_s = standing.time_constant_s if is_live else half_life_h * 3600 / log(2)
    asked = Asked(good.get("category", ""), good.get("tag", ""), time_constant_s, preview=not is_live)
    return {
        "form": form,
        "asked": asked,
        "report": trending_report.report(asked, standing, now),
        "standing": standing,
        "stale": standing.rebuilt_at is None or (now - standing.rebuilt_at).total_seconds() > _STALE_S,
        "live_h": live_h,
        "half_life_h": time_constant_s * log(2) / 3600,
        "time_constant_s": round(time_constant_s),
        "fading": fading(standing.time_constant_s, time_constant_s),
        "tags": TopList.objects.filter(kind="tag")
        .order_by("value")
        .values_list("value", flat=True)[:_TAGS_OFFERED],
    }


@dataclass(frozen=True, slots=True)
class Age:
    words: str
    live_percent: float
    percent: float


_AGES = (("an hour", 3_600), ("6 hours", 21_600), ("a day", 86_400), ("3 days", 259_200), ("a week", 604_800))


def fading(live_s: float, other_s: float) -> tuple[Age, ...]:
    """What an event is worth after a while, in percent of a new one, under the two time constants."""
    return tuple(
        Age(words, 100 * exp(-age_s / live_s), 100 * exp(-age_s / other_s)) for words, age_s in _AGES
    )

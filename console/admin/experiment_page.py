"""An experiment's page: what it says by now, whether that is to be believed, and how long the rest will take."""

from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from console.admin import experiment_report
from console.admin.experiment_kinds import kind_text
from console.admin.experiment_latency import SHARES, latencies
from console.mixing.shipping import may_ship, shippable
from experiments.models import Baseline, Experiment, Totals
from experiments.readout import Forecast, ReadOut, forecast, read_out
from experiments.statistics import METRICS

_BY_NAME = {metric.name: metric for metric in METRICS}


class PowerForm(forms.Form):
    metric = forms.ChoiceField(
        choices=[(metric.name, metric.title) for metric in METRICS], widget=UnfoldAdminSelectWidget()
    )
    effect = forms.FloatField(
        label="Effect to see, in %",
        min_value=0.1,
        max_value=1000,
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.1"}),
    )
    traffic = forms.FloatField(
        label="Users in it, in %",
        min_value=0.01,
        max_value=100,
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.01"}),
    )
    power = forms.FloatField(
        label="Chance to see it, in %",
        min_value=50,
        max_value=99,
        widget=UnfoldAdminDecimalFieldWidget({"step": "1"}),
    )


def read_out_page(
    request: HttpRequest, site: AdminSite, experiment: Experiment, *, back: str
) -> HttpResponse:
    """A few rows are read, whatever the number of users."""
    found = read_out(experiment)
    asked = {
        "metric": METRICS[0].name,
        "effect": 2.0,
        "power": 80.0,
        "traffic": (experiment.traffic_bp or 1000) / 100,
    }
    form = PowerForm({**asked, **{name: request.GET[name] for name in asked if name in request.GET}})
    counted = Totals.objects.filter(variant__experiment=experiment).order_by("-counted_at").first()
    context = {
        **site.each_context(request),
        "title": f"Read-out of {experiment}",
        "experiment": experiment,
        "found": found,
        "traffic": f"{experiment.traffic_bp / 100:g} %",
        "counted_at": counted.counted_at if counted else None,
        "kind": kind_text(experiment, found, timezone.now()),
        "lines": experiment_report.lines(found),
        "picture": experiment_report.picture(found),
        "quantiles": [f"{100 * share:.0f}" for share in SHARES],
        "over_time": _over_time(found),
        "latencies": latencies([one.variant for one in found.arms]),
        "guards": experiment_report.guards(found),
        "changes": experiment.changes.all()[:50],
        "form": form,
        "back": back,
        "mix": shippable(experiment),
        "may_ship": may_ship(request),
        "may_move": request.user.has_perm("experiments.change_experiment"),
        "ship": reverse("admin:experiments_experiment_ship", args=[experiment.pk]),
        "stop": reverse("admin:experiments_experiment_stop_experiment", args=[experiment.pk]),
        **_answer(experiment, form),
    }
    return TemplateResponse(request, "console/admin/experiment.html", context)


def _over_time(found: ReadOut) -> str:
    """The metrics page of the first arm that isn't the control; "" where there is none."""
    arm = next((one.variant.pk for one in found.arms if not one.variant.control), None)
    return f"{reverse('admin:retrieval_daytotals_changelist')}?arm={arm}" if arm is not None else ""


def _answer(experiment: Experiment, form: PowerForm) -> dict[str, Any]:
    """What the power calculator says, or why it can't say anything."""
    baseline = Baseline.objects.first()
    if baseline is None:
        return {
            "power_problem": "Nothing is known of usual traffic yet: it is counted once a day in the background."
        }
    if not form.is_valid():
        return {}
    values = form.cleaned_data
    try:
        found = forecast(
            experiment,
            baseline,
            _BY_NAME[values["metric"]],
            effect=values["effect"] / 100,
            traffic_bp=round(values["traffic"] * 100),
            power=values["power"] / 100,
        )
    except ValueError:
        return {"power_problem": "In the last fortnight nobody did anything that this metric counts."}
    return {"forecast": _sentences(found, values["effect"]), "baseline": baseline}


def _sentences(found: Forecast, effect: float) -> list[str]:
    return [
        f"{_days(found.days)} to see +{effect:g} % in one look at the end, with {found.users:,} users.",
        f"{_days(found.days_daily)} to see it by a look a day until a planned end, with {found.users_daily:,} users.",
        f"{_days(found.days_any_time)} to see it while looking at any time, with {found.users_any_time:,} users.",
    ]


def _days(days: int | None) -> str:
    if days is None:
        return "More than a year"
    return "1 day" if days == 1 else f"{days} days"

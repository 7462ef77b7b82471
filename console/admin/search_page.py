"""The page of a version's search: what it finds, measured on demand and sampled live."""

import datetime as dt

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from kombu.exceptions import OperationalError
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from console.admin import search_report
from retrieval.models import ModelVersion, remember
from retrieval.search_tuning import kept_tuning
from retrieval.tasks import tune_search


class TuningForm(forms.Form):
    target = forms.FloatField(
        label="Recall to reach",
        initial=0.95,
        min_value=0.5,
        max_value=1,
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.005"}),
    )
    k = forms.IntegerField(
        label="Items asked for",
        initial=400,
        min_value=1,
        max_value=2000,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    queries = forms.IntegerField(
        label="Users", initial=100, min_value=10, max_value=1000, widget=UnfoldAdminIntegerFieldWidget()
    )


def search_page(
    request: HttpRequest, site: AdminSite, version: ModelVersion, *, may_measure: bool, back: str
) -> HttpResponse:
    form = TuningForm(request.POST or None)
    now = dt.datetime.now(dt.UTC)
    if request.method == "POST" and may_measure and form.is_valid():
        try:
            tune_search.delay(version.pk, **form.cleaned_data)
        except OperationalError:
            messages.error(request, "The broker is away: nothing is measured. Try again once it is back.")
            return redirect(request.path)
        remember(version.pk, search_report.ASKED, now.isoformat())
        messages.success(request, "Measuring has begun. Load the page again in a minute or two.")
        return redirect(request.path)
    tuning = kept_tuning(version)
    context = {
        **site.each_context(request),
        "title": f"Search of {version}",
        "version": version,
        "tuning": tuning,
        "measured_at": dt.datetime.fromisoformat(tuning.at) if tuning else None,
        "advice": search_report.advice(tuning) if tuning else "",
        "picture": search_report.picture(tuning) if tuning else None,
        "rows": search_report.rows(tuning) if tuning else [],
        "sampled": search_report.sampled(version, now),
        "waiting": search_report.waiting(version, tuning, now),
        "form": form if may_measure else None,
        "back": back,
        "width": search_report.WIDTH,
        "height": search_report.HEIGHT,
    }
    return TemplateResponse(request, "console/admin/search.html", context)

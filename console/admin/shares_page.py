"""The page of a mix's bandit: what it draws, what came of it, and what other ways of choosing would have brought."""

import datetime as dt

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.admin import shares_report
from retrieval.mixes import InvalidMix, parse_mix
from retrieval.models import MixRevision
from retrieval.shares.report import report_of

DAYS = (7, 28, 90)


def shares_page(request: HttpRequest, site: AdminSite, revision: MixRevision, *, back: str) -> HttpResponse:
    """A few thousand rows are read, whatever the traffic."""
    try:
        bandit = parse_mix(revision.body, revision.number).bandit
    except InvalidMix:
        # Of a release whose mixes said something else.
        bandit = None
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else DAYS[1]
    context = {
        **site.each_context(request),
        "title": f"Bandit of {revision}",
        "revision": revision,
        "bandit": bandit,
        "days": days,
        "choices": DAYS,
        "back": back,
    }
    if bandit is not None:
        report = report_of(bandit, revision.number, now=dt.datetime.now(dt.UTC), days=days)
        context |= {
            "report": report,
            "served": shares_report.interval(report.served),
            "picture": shares_report.picture(report),
            "policies": shares_report.policies(report),
            "segments": shares_report.segments(report),
            "left_out": max(0, len(report.segments) - shares_report.MOST_SEGMENTS),
        }
    return TemplateResponse(request, "console/admin/shares.html", context)

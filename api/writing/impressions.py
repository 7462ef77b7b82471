"""Impressions in."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.models import Scope
from api.problems import FieldError
from api.view import ApiView
from api.writing import documents
from api.writing.bodies import read_rows
from api.writing.impression_shape import IMPRESSION, STATUSES
from api.writing.outcomes import outcome, rejected
from coldstart.impressions import ImpressionResult, record_impressions


class Impressions(ApiView):
    required_scope = Scope.EVENTS

    @documents.impressions
    def post(self, request: Request, **_: str) -> HttpResponse:
        rows = read_rows(request.data, IMPRESSION)
        landed = iter(record_impressions(rows.good, now=timezone.now()))
        results = [
            rejected(row) if isinstance(row, FieldError) else _result(next(landed)) for row in rows.read
        ]
        return outcome(request, results, STATUSES, single=rows.single)


def _result(result: ImpressionResult) -> dict[str, Any]:
    if result.status == "rejected":
        return rejected(FieldError(IMPRESSION.name_of(result.field), "invalid", result.reason))
    return {"status": result.status}

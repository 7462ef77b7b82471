"""Events in."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from api.authentication import client_of
from api.candidates.requests import query_values
from api.models import Scope
from api.problems import FieldError
from api.view import ApiView
from api.writing import documents
from api.writing.bodies import read_rows
from api.writing.event_shape import EVENT, STATUSES, EventParameters
from api.writing.outcomes import outcome, rejected
from api.writing.recorded import record
from catalog.events import EventResult
from retrieval.ingest import ingest


class Events(ApiView):
    required_scope = Scope.EVENTS

    @documents.events
    def post(self, request: Request, **_: str) -> HttpResponse:
        create_missing = query_values(request.query_params, EventParameters)["create_missing"]
        if create_missing and not {Scope.CATALOG, Scope.ADMIN} & client_of(request).scopes:
            raise PermissionDenied("create_missing needs the scope catalog.")
        rows = read_rows(request.data, EVENT)
        landed = iter(ingest(rows.good, now=timezone.now(), create_missing=create_missing))
        results = [
            rejected(row, event_id=None) if isinstance(row, FieldError) else _result(next(landed))
            for row in rows.read
        ]
        record(request, "events", results, single=rows.single)
        return outcome(request, results, STATUSES, single=rows.single)


def _result(result: EventResult) -> dict[str, Any]:
    if result.status == "rejected":
        error = FieldError(EVENT.name_of(result.field), "invalid", result.reason)
        return rejected(error, event_id=result.event_id or None)
    return {"status": result.status, "event_id": result.event_id, "occurred_at": _iso(result.occurred_at)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None

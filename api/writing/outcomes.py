"""What became of each row, as the answer to a bulk request."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api.problems import FieldError, problem
from api.request_ids import request_id_of
from api.view import json_response

PUT_STATUSES = ("created", "updated", "unchanged")
DELETE_STATUSES = ("deleted", "missing")
MULTI_STATUS = 207


def rejected(error: FieldError, **members: Any) -> dict[str, Any]:
    """The result of a row that was refused."""
    return {"status": "rejected", **members, "field": error.field, "code": error.code, "detail": error.detail}


def outcome(
    request: Request, results: Sequence[dict[str, Any]], statuses: Sequence[str], *, single: bool
) -> HttpResponse:
    """200 where every row is in, 207 where some are not; a body of one row that isn't is a 400.

    `results` are in the order of the rows, each with one of `statuses` or "rejected".
    """
    counts = Counter(result["status"] for result in results)
    body: dict[str, Any] = {
        "count": len(results),
        **{status: counts[status] for status in (*statuses, "rejected")},
        "results": [{"index": index, **result} for index, result in enumerate(results)],
    }
    if not counts["rejected"]:
        return json_response({"request_id": request_id_of(request), **body})
    if single:
        error = FieldError(*(results[0][name] for name in ("field", "code", "detail")))
        detail = f"{error.field}: {error.detail}" if error.field else error.detail
        return problem(request, 400, "invalid", detail, errors=[error], **body)
    return json_response({"request_id": request_id_of(request), **body}, status=MULTI_STATUS)


def outcome_schema(statuses: Sequence[str]) -> dict[str, Any]:
    """The answer in JSON Schema."""
    each = [*statuses, "rejected"]
    result = {
        "type": "object",
        "properties": {
            "index": {"type": "integer", "description": "Of the row, from 0."},
            "status": {"type": "string", "enum": each},
            "field": {"type": "string", "description": "What was wrong; only where rejected."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
        },
        "required": ["index", "status"],
    }
    counts = {status: {"type": "integer", "minimum": 0} for status in each}
    return {
        "type": "object",
        "properties": {
            "request_id": {"type": "string"},
            "count": {"type": "integer", "description": "Of the rows; the others add up to it."},
            **counts,
            "results": {"type": "array", "items": result, "description": "In the order of the rows."},
        },
        "required": ["request_id", "count", *each, "results"],
    }

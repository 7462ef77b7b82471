"""Every error as an RFC 9457 problem document; never a traceback."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import singledispatch
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import set_rollback

from api.request_ids import request_id_of
from api.strict_json import MalformedJSON
from retrieval.explain import UnknownItem
from retrieval.types import InvalidRequest, RetrievalError

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
_UNAVAILABLE_RETRY_S = 1


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is a dotted path, empty where it is the request as a whole."""

    field: str
    code: str
    detail: str


class NothingToServe(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "No source and no floor has anything to serve yet."
    wait = _UNAVAILABLE_RETRY_S


def problem(
    request: HttpRequest | Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> HttpResponse:
    """The document, of type `urn:headwater:problem:CODE`; `members` are extensions of it."""
    request_id = request_id_of(request)
    body = {
        "type": f"urn:headwater:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.path,
        "errors": [asdict(error) for error in errors],
        "request_id": request_id,
        **members,
    }
    headers = {"X-Request-Id": request_id, "Cache-Control": "no-store", **(headers or {})}
    return HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE, headers=headers)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """REST framework's hook: the problem document for what a view raised."""
    set_rollback()
    return _document(exc, context["request"])


@singledispatch
def _document(exc: Exception, request: Request) -> HttpResponse:
    log.error("unexpected error", exc_info=exc, request_id=request_id_of(request))
    return server_error(request)


@_document.register
def _(exc: exceptions.ValidationError, request: Request) -> HttpResponse:
    return _invalid(
        request, [FieldError(_path(e.attr), e.code, e.detail) for e in flatten_errors(exc.detail)]
    )


@_document.register
def _(exc: InvalidRequest, request: Request) -> HttpResponse:
    return _invalid(request, [FieldError(exc.field, "invalid", str(exc))])


@_document.register
def _(exc: MalformedJSON, request: Request) -> HttpResponse:
    error = FieldError(exc.field, exc.code, exc.detail)
    return problem(request, 400, "malformed", exc.detail, errors=[error])


@_document.register
def _(exc: UnknownItem, request: Request) -> HttpResponse:
    return problem(request, 404, "not_found", str(exc))


@_document.register
def _(exc: RetrievalError, request: Request) -> HttpResponse:
    return _unavailable(request, exc, "Retrieval cannot answer now.")


@_document.register(OperationalError)
@_document.register(InterfaceError)
def _(exc: Exception, request: Request) -> HttpResponse:
    return _unavailable(request, exc, "The database does not answer.")


@_document.register
def _(exc: Http404, request: Request) -> HttpResponse:
    return _api_exception(exceptions.NotFound(), request)


@_document.register
def _(exc: PermissionDenied, request: Request) -> HttpResponse:
    return _api_exception(exceptions.PermissionDenied(), request)


@_document.register
def _(exc: RequestDataTooBig, request: Request) -> HttpResponse:
    return problem(request, 413, "too_large", "The request is too large.")


@_document.register
def _(exc: SuspiciousOperation, request: Request) -> HttpResponse:
    return problem(request, 400, "malformed", "The request cannot be read.")


@_document.register
def _api_exception(exc: exceptions.APIException, request: Request) -> HttpResponse:
    headers: dict[str, str] = {}
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, ceil(wait)))
    codes = exc.get_codes()
    code = codes if isinstance(codes, str) else exc.default_code
    return problem(request, exc.status_code, code, str(exc.detail), headers=headers)


def _path(attr: str | None) -> str:
    """REST framework has a name for errors of an object as a whole; its own path says as much."""
    return ".".join(part for part in (attr or "").split(".") if part != "non_field_errors")


def _invalid(request: Request, errors: Sequence[FieldError]) -> HttpResponse:
    first = errors[0]
    detail = f"{first.field}: {first.detail}" if first.field else first.detail
    return problem(request, 400, "invalid", detail, errors=errors)


def _unavailable(request: Request, exc: Exception, detail: str) -> HttpResponse:
    # An outage makes many of these: one line each, without the traceback.
    log.warning("unavailable", error=str(exc).strip(), request_id=request_id_of(request))
    retry = {"Retry-After": str(_UNAVAILABLE_RETRY_S)}
    return problem(request, 503, "unavailable", detail, headers=retry)


def not_found(request: HttpRequest) -> HttpResponse:
    """The view of every path below /api/ that has no other."""
    return problem(request, 404, "not_found", f"There is nothing at {request.path}.")


def server_error(request: HttpRequest | Request) -> HttpResponse:
    detail = "Something went wrong on our side; our log has it under this request id."
    return problem(request, 500, "error", detail)

"""What all views of the API share."""

import time
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from api.metrics import DEGRADED, REQUESTS, SECONDS, TIMED_VIEW
from api.request_ids import request_id_of
from api.throttling import KeyThrottle
from retrieval.tally import count_request

_shown: set[tuple[str, str | None]] = set()


class LengthRequired(APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = "Send the body with a Content-Length."


class AlwaysJSON(DefaultContentNegotiation):
    """The API speaks JSON whatever the Accept header says."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """Declares the scope it needs, answers with JSON, echoes the request id, is limited and counted."""

    required_scope: ClassVar[str | dict[str, str]]
    http_method_names = ["get", "head", "post", "put", "delete"]
    content_negotiation_class = AlwaysJSON
    throttle_classes = [KeyThrottle]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        began = time.perf_counter()
        response = super().dispatch(request, *args, **kwargs)
        name = type(self).__name__
        # Clients may invent methods; labels must stay few.
        method = request.method if request.method in self.allowed_methods else "other"
        if (name, method) not in _shown:
            # An error that is a series' first sample would be no increase to who watches.
            _shown.add((name, method))
            for status in (500, 503):
                REQUESTS.labels(name, method, status)
        passed_s = time.perf_counter() - began
        SECONDS.labels(name).observe(passed_s)
        REQUESTS.labels(name, method, response.status_code).inc()
        count_request(
            response.status_code,
            degraded=DEGRADED in request.META,
            ms=passed_s * 1000 if name == TIMED_VIEW else None,
        )
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # WSGI would show such a body as an empty one.
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Request-Id"] = request_id_of(request)
        response["Cache-Control"] = "no-store"
        return response


def json_response(body: Any, *, status: int = 200) -> HttpResponse:
    """`body` straight through orjson, past REST framework's renderers."""
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json")

"""A span for each request."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from django.urls import Resolver404, resolve
from opentelemetry.context import attach, detach
from opentelemetry.propagate import extract
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context

from api.request_ids import request_id_in
from recsys_site.tracing.spans import tell
from retrieval.recording import RECORDING, Recording

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_UNTRACED = frozenset({"/livez", "/readyz", "/metrics"})
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
_SERVER_ERROR = 500


def traced(application: Application, tracer: Tracer) -> Application:
    """`application`, whose requests are spans with all that was noted below them, continued from the client's.

    Named by the route: a path has people's ids in it. No address, query, header or body is in a span.
    """

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] in _UNTRACED:
            return application(environ, start_response)
        method, route = environ["REQUEST_METHOD"], _route(environ["PATH_INFO"])
        carried = {"traceparent": environ.get("HTTP_TRACEPARENT", "")}
        span = tracer.start_span(
            f"{method} {route}" if route else method,
            extract(carried),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "http.route": route,
                "headwater.request_id": request_id_in(environ),
            },
        )

        def answering(status: str, headers: Any, *more: Any) -> Any:
            code = int(status.split(" ", 1)[0])
            span.set_attribute("http.response.status_code", code)
            if code >= _SERVER_ERROR:
                span.set_status(Status(StatusCode.ERROR))
            return start_response(status, headers, *more)

        recording = Recording()
        noted, attached = RECORDING.set(recording), attach(set_span_in_context(span))
        try:
            return application(environ, answering)
        finally:
            detach(attached)
            RECORDING.reset(noted)
            tell(recording, span, tracer)
            span.end()

    return wrapped


def _route(path: str) -> str:
    try:
        return "/" + _CONVERTER.sub(r"{\1}", resolve(path).route)
    except Resolver404:
        return ""

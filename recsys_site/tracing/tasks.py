"""A span for each task, below the request or the task that sent it."""

from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from opentelemetry.context import attach, detach
from opentelemetry.propagate import extract, inject
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context
from structlog.contextvars import get_contextvars

from recsys_site.tracing.spans import tell
from retrieval.recording import RECORDING, Recording

_CARRIED = "headwater_trace"
_UNDER_WAY = "headwater_span"


def carry_traces() -> None:
    """A task that this process sends carries the span under which it was sent. Harmless to repeat."""
    before_task_publish.connect(_send, dispatch_uid="headwater.traces")


def trace_tasks_with(tracer: Tracer) -> None:
    """From now on each task of this process is a span."""

    def begin(task: Any = None, **_: Any) -> None:
        carried = getattr(task.request, _CARRIED, None) or (task.request.headers or {}).get(_CARRIED) or {}
        attributes = {"messaging.system": "celery", "headwater.task": task.name}
        # Bound by recsys_site.context_of_logs, whose receiver was connected first.
        if request_id := get_contextvars().get("request_id"):
            attributes["headwater.request_id"] = request_id
        span = tracer.start_span(
            f"task {task.name}", extract(carried), kind=SpanKind.CONSUMER, attributes=attributes
        )
        recording = Recording()
        noted, attached = RECORDING.set(recording), attach(set_span_in_context(span))
        setattr(task.request, _UNDER_WAY, (span, recording, noted, attached))

    def end(task: Any = None, state: str = "", **_: Any) -> None:
        span, recording, noted, attached = getattr(task.request, _UNDER_WAY)
        detach(attached)
        RECORDING.reset(noted)
        if state == "FAILURE":
            span.set_status(Status(StatusCode.ERROR))
        tell(recording, span, tracer)
        span.end()

    carry_traces()
    # weak=False: nobody else holds them.
    task_prerun.connect(begin, dispatch_uid="headwater.traces", weak=False)
    task_postrun.connect(end, dispatch_uid="headwater.traces", weak=False)


def _send(headers: dict[str, Any] | None = None, **_: Any) -> None:
    carried: dict[str, str] = {}
    inject(carried)
    if headers is not None and carried:
        headers[_CARRIED] = carried

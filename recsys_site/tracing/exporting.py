"""The tracer of this process, and where its spans go."""

import threading
from functools import partial
from multiprocessing.util import Finalize

from celery.signals import worker_process_shutdown
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer

from recsys_site.tracing.statements import watch_connection, watch_raw_cursors

_ENDS_WITHIN_S = 2.0


def tracer_to(endpoint: str, *, part: str) -> Tracer:
    """Sends in batches, from a thread of its own; a receiver that is away costs spans, never an answer.

    endpoint: without the path, which OTLP has of its own. Sampling, headers and time-outs are the SDK's variables.
    """
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    processor = BatchSpanProcessor(exporter)
    # A forked process ends without `atexit`, and the trainer's does after each task.
    end = partial(_send_the_rest, processor)
    Finalize(None, end, exitpriority=0)
    worker_process_shutdown.connect(end, dispatch_uid="headwater.tracing", weak=False)
    return tracer_by(processor, part=part)


def tracer_by(processor: SpanProcessor, *, part: str) -> Tracer:
    """Statements of Django's connections are recorded from now on, of those that are open and of new ones."""
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come first.
    resource = Resource({"service.name": "headwater", "headwater.part": part}).merge(Resource.create())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    for connection in connections.all(initialized_only=True):
        watch_connection(connection)
    watch_raw_cursors()
    connection_created.connect(_watch, dispatch_uid="headwater.tracing")
    return provider.get_tracer("headwater")


def _watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    watch_connection(connection)


def _send_the_rest(processor: SpanProcessor, **_: object) -> None:
    """What the process did last; a receiver that hangs holds up its end a moment only."""
    sending = threading.Thread(target=processor.shutdown, daemon=True)
    sending.start()
    sending.join(_ENDS_WITHIN_S)

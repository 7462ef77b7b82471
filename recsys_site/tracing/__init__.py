"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT says where they go. Else nothing of it is imported."""

from typing import Any

from celery.signals import worker_process_init
from django.conf import settings  # noqa: TID251  recsys_site owns the settings


def trace_tasks() -> None:
    """Each process of a worker traces its tasks from its start; it makes its own exporter, whose thread no fork has."""
    worker_process_init.connect(_begin, dispatch_uid="headwater.tracing")


def _begin(**_: Any) -> None:
    if settings.TRACES_ENDPOINT:
        from recsys_site.tracing.exporting import tracer_to  # noqa: PLC0415
        from recsys_site.tracing.tasks import trace_tasks_with  # noqa: PLC0415

        trace_tasks_with(tracer_to(settings.TRACES_ENDPOINT, part="worker"))

"""Real processes that trace: a worker whose task a request started, and a web that is replaced while it serves."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from catalog.tasks import make_partitions
from coldstart.tasks import tend_impressions
from recsys_site.celery import app
from recsys_site.context_of_logs import named
from recsys_site.tracing.exporting import tracer_by
from recsys_site.tracing.requests import traced
from recsys_site.tracing.tasks import carry_traces
from tests.api.serving import serving
from tests.console.staff import logged_in
from tests.site.otlp import Receiver, receiving
from tests.site.test_tracing import Wired
from tests.worker import lines_until_done, working
from tests.worlds import publish_patient_mix

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
OWN_BROKER = f"{settings.BROKER_URL.partition('?')[0]}?virtual_host=8"


def to(receiver: Receiver) -> dict[str, str]:
    """The variables of a process that traces. Its spans come when it ends, and not before."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "3600000"}


def test_it_logs_the_requests_id_and_its_span_is_below_the_requests(monkeypatch):
    with receiving() as receiver, app.connection_for_write(OWN_BROKER) as broker:
        for sent in (make_partitions, tend_impressions):
            send: Any = sent.apply_async
            monkeypatch.setattr(sent, "delay", partial(send, connection=broker))
        carry_traces()
        tracer = tracer_by(SimpleSpanProcessor(OTLPSpanExporter(f"{receiver.url}/v1/traces")), part="web")
        client: Any = Wired(traced(named(WSGIHandler()), tracer))
        client.cookies = logged_in().cookies
        client.cookies["csrftoken"] = token = "a" * 32
        form = {"do": "mend", "mend-why": "A test."}
        status, _ = client.post(
            "/admin/console/datapage/", form, headers={"x-request-id": "mended-by-ada", "x-csrftoken": token}
        )
        assert status == 302
        # As the trainer: each task in a process of its own.
        one_each = ("--concurrency", "1", "--max-tasks-per-child", "1")
        with working(OWN_BROKER, *one_each, **to(receiver)) as worker:
            lines = lines_until_done(worker, 2)
    connection.execute_wrappers.clear()

    done = [line for line in lines if "succeeded in" in line]
    assert all("request_id=mended-by-ada" in line and "task_id=" in line for line in done), done
    (whole,) = receiver.named("POST /admin/console/datapage/")
    (task,) = receiver.named("task catalog.ensure_partitions")
    assert (whole.part, task.part) == ("web", "worker")
    assert (task.trace_id, task.parent_id) == (whole.trace_id, whole.span_id)
    assert task.attributes["headwater.request_id"] == "mended-by-ada"
    assert [
        span.name
        for span in receiver.spans
        if span.parent_id == task.span_id and "db.query.text" in span.attributes
    ]


def test_a_web_process_sends_what_it_did_last_before_a_reload_replaces_it():
    publish_patient_mix()
    trace = "0af7651916cd43dd8448eb211c80319"
    with receiving() as receiver, tempfile.TemporaryDirectory(prefix="hw-") as folder:
        with serving(Path(folder), "nobodys.key", **to(receiver)) as served:
            served.client.get("/api/v1/trending", headers={"traceparent": f"00-{trace}1-b7ad6b7169203331-01"})
            served.reload()
            of_the_old = receiver.wait_for("GET /api/v1/trending")
            receiver.spans.clear()
            served.client.get("/api/v1/trending", headers={"traceparent": f"00-{trace}2-b7ad6b7169203331-01"})
        of_the_new = receiver.wait_for("GET /api/v1/trending")
    assert [span.trace_id.hex() for span in (of_the_old, of_the_new)] == [f"{trace}1", f"{trace}2"]
    assert {span.part for span in (of_the_old, of_the_new)} == {"web"}

"""Spans of a request and of the tasks it starts: with the right parents, and nothing of anybody in them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.test import Client
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.authentication import verified_keys
from api.candidates.shortcut import with_shortcut
from api.models import ApiKey
from recsys_site.context_of_logs import named
from recsys_site.tracing.exporting import tracer_by
from recsys_site.tracing.requests import traced
from recsys_site.tracing.statements import watch_connection
from retrieval import runner
from retrieval.recording import without_values
from tests.api.films import served_world
from tests.pooled import pool_of_two

__all__ = ["pool_of_two"]
pytestmark = pytest.mark.django_db
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


class Wired(Client):
    """Asks a WSGI application as a server does."""

    def __init__(self, application: Any, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.application = application

    def request(self, **given: Any) -> Any:
        said: list[Any] = []
        # Else the test's connection, which has begun before the clock was set.
        request_started.disconnect(close_old_connections)
        environ = self._base_environ(**given)
        try:
            content = b"".join(self.application(environ, lambda *line: said.extend(line)))
        finally:
            request_started.connect(close_old_connections)
        return int(said[0].split(" ")[0]), content


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def client(spans, pool_of_two, monkeypatch) -> Iterator[Wired]:
    """Of the small world, by way of the shortcut, with sources in threads of their own."""
    verified_keys.cache_clear()
    served_world()
    _, key = ApiKey.objects.create_key(name="x", scopes=["admin"])
    threads = runner.Runner(threads=2, calls_in_flight=2)
    monkeypatch.setattr(runner, "_runner_of", lambda _pid: threads)
    tracer = tracer_by(SimpleSpanProcessor(spans), part="web")
    watch_connection(connection)
    yield Wired(
        traced(named(with_shortcut(WSGIHandler())), tracer),
        headers={"authorization": f"Api-Key {key}", "x-request-id": "asked-by-ann"},
    )
    connection.execute_wrappers.clear()


def told(spans: InMemorySpanExporter) -> tuple[Any, dict[int, Any]]:
    """(the request's span, all by id)"""
    found: dict[int, Any] = {span.context.span_id: span for span in spans.get_finished_spans()}
    (whole,) = (span for span in found.values() if span.name.startswith(("GET", "POST")))
    spans.clear()
    return whole, found


def path_of(span: ReadableSpan, among: dict[int, ReadableSpan]) -> list[str]:
    """Names from the request down."""
    above = among.get(span.parent.span_id) if span.parent else None
    return [*(path_of(above, among) if above else []), span.name]


def test_a_request_has_its_sources_and_these_have_what_they_asked_the_stores(client, spans):
    status, _ = client.get(
        "/api/v1/users/ann/candidates?deadline_ms=9000", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"}
    )
    whole, found = told(spans)
    paths = [path_of(span, found) for span in found.values()]

    assert status == 200
    assert whole.name == "GET /api/v1/users/{user_id}/candidates"
    assert (f"{whole.context.trace_id:032x}", f"{whole.parent.span_id:016x}") == (TRACE, PARENT)
    assert whole.attributes["headwater.request_id"] == "asked-by-ann"
    assert whole.attributes["http.response.status_code"] == 200
    sources = {path[-1] for path in paths if path[-1].startswith("source ")}
    assert {"source trending", "source content"} <= sources
    asked_by_sources = [path for path in paths if len(path) > 2 and path[-2].startswith("source ")]
    assert asked_by_sources, paths
    assert any(
        path[-2:] == ["stage context", "SELECT"] or path[-2:] == ["stage context", "WITH"] for path in paths
    )
    assert {"redis", "postgresql"} <= {span.attributes.get("db.system.name") for span in found.values()}
    for span in found.values():
        assert span.context.trace_id == whole.context.trace_id
        assert whole.start_time - 5e6 <= span.start_time <= span.end_time <= whole.end_time + 5e6


def test_no_span_names_anybody_or_anything_of_the_answer(client, spans):
    client.get("/api/v1/users/ann/candidates?deadline_ms=9000&exclude=heat")
    event = {"user_id": "ann", "item_id": "alien", "type": "click", "event_id": "e-77"}
    assert client.post("/api/v1/events", event, content_type="application/json")[0] in {200, 202}
    said = [
        (name, str(value))
        for span in spans.get_finished_spans()
        for name, value in [("name", span.name), *span.attributes.items()]
        if name != "headwater.request_id"
    ]

    assert len(said) > 20
    secrets = ["'ann'", "/ann", "alien", "heat", "e-77", client.defaults["HTTP_AUTHORIZATION"].split(" ")[1]]
    assert [(name, value) for name, value in said if any(secret in value for secret in secrets)] == []


def test_a_ready_answer_is_one_span_with_its_two_questions(client, spans):
    for _ in range(2):
        spans.clear()
        client.get("/api/v1/users/ann/candidates?deadline_ms=9000")
    _, found = told(spans)

    assert {span.attributes.get("db.system.name") for span in found.values()} >= {"redis", "postgresql"}
    assert not [span for span in found.values() if span.name.startswith("source")]


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT 'o''clock', x1\n FROM t2 WHERE id = 17", "SELECT ?, x1 FROM t2 WHERE id = ?"),
        ("SELECT * FROM t WHERE a = ANY($1) LIMIT -2.5e3", "SELECT * FROM t WHERE a = ANY($1) LIMIT ?"),
    ],
)
def test_a_statement_is_told_without_its_values(statement, shape):
    assert without_values(statement) == shape

"""A receiver of traces, as small as can be."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from gzip import decompress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(slots=True)
class Received:
    """attributes: of the span; part: of the process that sent it."""

    name: str
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    part: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Receiver:
    url: str
    spans: list[Received] = field(default_factory=list)

    def named(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def wait_for(self, name: str) -> Received:
        """The first span of that name, once it is here."""
        give_up_at = time.monotonic() + 100
        while not (found := self.named(name)):
            assert time.monotonic() < give_up_at, f"no span {name}"
            time.sleep(0.05)
        return found[0]


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = decompress(body)
            if self.path == "/v1/traces":
                receiver.spans += _spans(ExportTraceServiceRequest.FromString(body))
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


def _spans(message: ExportTraceServiceRequest) -> list[Received]:
    return [
        Received(
            span.name,
            span.trace_id,
            span.span_id,
            span.parent_span_id,
            {one.key: one.value.string_value for one in resource.resource.attributes}["headwater.part"],
            {one.key: one.value.string_value for one in span.attributes},
        )
        for resource in message.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]

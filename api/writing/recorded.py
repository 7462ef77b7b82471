"""Lists that were written are imports, and are kept as such: the console says how they fared."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request

from api.authentication import client_of
from api.request_ids import request_id_of
from catalog.imports import BadRow
from catalog.imports.by_api import record_list
from catalog.imports.recording import Refused
from retrieval.config import config


def record(request: Request, kind: str, results: Sequence[dict[str, Any]], *, single: bool) -> None:
    """A body that was a single row is none. results: as `api.writing.outcomes.outcome` takes them."""
    if single or not results:
        return
    refused, request_id = Refused(), request_id_of(request)
    for index, result in enumerate(results):
        if result["status"] == "rejected":
            refused.add(BadRow(index, result["field"], result["detail"]), request_id)
    client = client_of(request)
    # A process without connections of its own is a test, which looks at once.
    inline = not config().hot_pool_size
    record_list(kind, len(results), refused, key_prefix=client.prefix, key_name=client.name, inline=inline)

"""The site by way of the shortcut, and what tests of ready answers ask of it."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from api.candidates.shortcut import with_shortcut
from retrieval.valkey import client as valkey_client
from retrieval.valkey import key as valkey_key

ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}
ALL = ANNS | {"fargo", "heat"}


class Site(Client):
    """As a server asks the site: by way of the shortcut, and on to Django where there is no ready answer."""

    def request(self, **given: Any) -> Any:
        environ = self._base_environ(**given)
        passed_on: list[dict[str, Any]] = []
        said: list[Any] = []

        def django(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            passed_on.append(environ)
            return []

        content = b"".join(
            with_shortcut(django)(environ, lambda status, headers: said.extend([status, headers]))
        )
        if passed_on:
            marks = {name: value for name, value in environ.items() if name.startswith("headwater.")}
            return super().request(**given, **marks)
        response = HttpResponse(content, status=int(said[0][:3]), headers=dict(said[1]))
        response.json = lambda: json.loads(content)
        return response


def ask(http: Client, user: str = "ann", **query: Any) -> dict[str, Any]:
    # Time enough for a busy machine; an answer that is there is within any deadline.
    response = http.get(f"/api/v1/users/{user}/candidates", {"deadline_ms": 10_000, **query})
    assert response.status_code == 200, response.content
    assert response["X-Request-Id"] == response.json()["request_id"]
    body: dict[str, Any] = response.json()
    return body


def films(body: dict[str, Any]) -> set[str]:
    return {candidate["item_id"] for candidate in body["candidates"]}


def send(http: Client, user: str, film: str, kind: str = "click") -> None:
    event = {"user_id": user, "item_id": film, "type": kind}
    assert http.post("/api/v1/events", event, content_type="application/json").json()["accepted"] == 1


def wipe() -> None:
    for found in valkey_client().scan_iter(valkey_key("*"), count=1000):
        valkey_client().unlink(found)

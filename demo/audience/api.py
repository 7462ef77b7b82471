"""The API as a client far away would call it: over HTTP, with the demo's key, and told apart by what to do next."""

import http.client
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

_TIMEOUT_S = 10
_BUSY = {http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE}


class Unreachable(Exception):
    """Nobody answers, or not now; `wait_s` is what the answer asked for, 0 where it didn't."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Refused(Exception):
    """The API does not do this, and would not the next time either."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where the API is and the key to it."""

    url: str
    api_key: str


def read_door(entrance_file: Path) -> Door:
    """From the file that `make run` leaves. Raises Unreachable where there is none."""
    try:
        entrance = json.loads(entrance_file.read_text())
        return Door(entrance["url"], entrance["api_key"])
    except (OSError, ValueError, KeyError) as error:
        raise Unreachable(f"{entrance_file.name} does not say where the API is.") from error


class Api:
    """One connection, kept; made anew where it broke."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, *, request_id: str = "", **query: object) -> Any:
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path, None, request_id)

    def post(self, path: str, body: object) -> Any:
        return self._call("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: object, request_id: str = "") -> Any:
        """The document that comes back. Raises Unreachable and Refused. All that is sent may be sent again: events and
        impressions carry ids."""
        headers = {"Authorization": f"Api-Key {self._door.api_key}", "Content-Type": "application/json"}
        if request_id:
            headers["X-Request-Id"] = request_id
        payload = None if body is None else json.dumps(body).encode()
        status, wait, raw = self._answer(method, f"/api/v1/{path}", payload, headers)
        if status in _BUSY:
            raise Unreachable(f"{method} {path}: {status}", _seconds(wait))
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"{method} {path}: {status}")
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise Refused(f"{method} {path}: {status} {raw[:300].decode(errors='replace')}")
        return json.loads(raw)

    def _answer(
        self, method: str, path: str, payload: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, bytes]:
        # A server may close a connection that was idle just when it is used again: the second one is new.
        for kept in (self._connection is not None, False):
            try:
                connection = self._connected()
                connection.request(method, path, payload, headers)
                response = connection.getresponse()
                return response.status, response.headers.get("Retry-After", ""), response.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if not kept:
                    raise Unreachable(f"{method} {path}: {error}") from error
        raise AssertionError("The second time either returns or raises.")

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self._door.url).netloc, timeout=_TIMEOUT_S)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
        self._connection = None


def _seconds(retry_after: str) -> float:
    try:
        return max(float(retry_after), 0.0)
    except ValueError:
        return 0.0

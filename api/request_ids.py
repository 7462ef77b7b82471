"""The name of one request: the client's X-Request-Id where it is usable, else one of ours."""

import re
import uuid
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

_USABLE = re.compile(r"[A-Za-z0-9._:/+=@-]{1,64}", re.ASCII)
_KEPT_AS = "headwater.request_id"


def request_id_of(request: HttpRequest | Request) -> str:
    """At most 64 printable characters; the same each time it is asked of one request."""
    return request_id_in(request.META)


def request_id_in(meta: dict[str, Any]) -> str:
    """The same, of a request's META."""
    if _KEPT_AS not in meta:
        given = meta.get("HTTP_X_REQUEST_ID", "")
        meta[_KEPT_AS] = given if _USABLE.fullmatch(given) else uuid.uuid4().hex
    return str(meta[_KEPT_AS])

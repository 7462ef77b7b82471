"""Refused requests whose body may be unread."""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def closing_refusals(application: Application) -> Application:
    """`application`, saying `Connection: close` where it refuses a request with a body.

    A server closes the connection on which a body was left unread. Unless it says so, a client sends its next
    request down the dead connection and gets no answer (one in six did, over granian). Reading the rest instead
    would let anybody without a key hold a thread.
    """

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Django's development server refuses this header from an application, and closes by itself.
        if not _has_body(environ) or not environ.get("wsgi.input_terminated"):
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            refused = status >= "400"
            return start_response(status, [*headers, ("Connection", "close")] if refused else headers, *error)

        return application(environ, start)

    return wrapped


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ

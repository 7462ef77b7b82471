"""Answers go out before what they leave to be done."""

from collections.abc import Callable, Iterable
from typing import Any

from retrieval.afterwards import answering

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def answering_first(application: Application) -> Application:
    """`application`, whose requests fill caches after their answers."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with answering():
            return application(environ, start_response)

    return wrapped

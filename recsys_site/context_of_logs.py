"""Whose log line it is: the request's id, in the web and in the tasks that the request starts."""

import logging
import logging.config
from collections.abc import Callable, Iterable
from typing import Any

from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings  # noqa: TID251  recsys_site owns the settings
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from api.request_ids import request_id_in

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_HEADER = "headwater_request_id"


def named(application: Application) -> Application:
    """`application`; what is logged in a request carries its id. The threads that work for it are given its context."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        clear_contextvars()
        bind_contextvars(request_id=request_id_in(environ))
        try:
            return application(environ, start_response)
        finally:
            clear_contextvars()

    return wrapped


def carry_into_tasks() -> None:
    """From now on a task that this process sends carries the id, and one that it runs logs it. Harmless to repeat."""
    setup_logging.connect(_log_like_the_web, dispatch_uid="headwater.logs")
    before_task_publish.connect(_send, dispatch_uid="headwater.request_id")
    task_prerun.connect(_begin, dispatch_uid="headwater.request_id")
    task_postrun.connect(_end, dispatch_uid="headwater.request_id")


def _log_like_the_web(loglevel: int | str = logging.WARNING, **_: Any) -> None:
    """In place of Celery's own handlers, which would print what structlog hands over as it is."""
    logging.config.dictConfig(settings.LOGGING)
    # Celery's lines of each task received and done are as many as --loglevel says.
    logging.getLogger("celery").setLevel(loglevel)


def _send(headers: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers[_HEADER] = request_id


def _begin(task: Any = None, task_id: str = "", **_: Any) -> None:
    clear_contextvars()
    bind_contextvars(task=task.name, task_id=task_id)
    # A message's own headers are attributes of the request that Celery makes of it.
    if request_id := getattr(task.request, _HEADER, None) or (task.request.headers or {}).get(_HEADER):
        bind_contextvars(request_id=request_id)


def _end(**_: Any) -> None:
    clear_contextvars()

"""Ends the database connection of a request that has waited for it too long, so that its thread is free again.

Postgres that hangs keeps its connections open: neither a time-out of its own nor TCP's ends the wait, and each request
that writes would hold a thread for good.
"""

import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import structlog
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from recsys_site.guarded_postgres.patience import at_most
from recsys_site.shedding import BY_HEART
from retrieval.bounded import note_unanswered, one_request
from retrieval.breakers import POSTGRES

log = structlog.get_logger(__name__)
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
_LOOKS_EVERY_S = 0.25
_READ_S = 1.0  # candidates have their own, shorter deadline for what isn't Django's
_BULK_S = 30.0  # 10,000 rows
_PAGE_S = 120.0  # a page of the console may compare whole versions
_HUNG_S = 1.0  # of any request, once Postgres has left others without an answer


class Watch:
    """Knows which requests are under way, and since when."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._under_way: dict[int, tuple[float, float, BaseDatabaseWrapper]] = {}
        self._numbers = itertools.count()

    def begins(self, database: BaseDatabaseWrapper, *, at_most_s: float) -> int:
        number = next(self._numbers)
        self._under_way[number] = (self._clock(), at_most_s, database)
        return number

    def ends(self, number: int) -> None:
        self._under_way.pop(number, None)

    def look(self) -> int:
        """Ends the connections of those that are late; how many."""
        now, ended = self._clock(), 0
        patience_s = _PAGE_S if POSTGRES.state() == "closed" else _HUNG_S
        for number, (began, at_most_s, database) in list(self._under_way.items()):
            if now - began > min(at_most_s, patience_s) and number in self._under_way:
                ended += _shut(database)
        return ended


def letting_go(application: Application) -> Application:
    """`application`; a request that waits longer gets the database's OperationalError instead of rows."""
    watch = Watch()
    threading.Thread(target=_look_for_good, args=(watch,), name="letting-go", daemon=True).start()

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        at_most_s = _at_most_s(environ)
        number = watch.begins(_own(connection), at_most_s=at_most_s)
        try:
            with one_request(), at_most(at_most_s):
                if environ.get(BY_HEART):
                    note_unanswered()
                return application(environ, start_response)
        finally:
            watch.ends(number)

    return wrapped


def _at_most_s(environ: dict[str, Any]) -> float:
    path = environ["PATH_INFO"]
    if path in {"/readyz", "/metrics"} or path.endswith("/candidates"):
        return _READ_S
    return _BULK_S if path.startswith("/api/") else _PAGE_S


def _own(proxy: Any) -> BaseDatabaseWrapper:
    """This thread's, which another thread's look at the proxy would not find."""
    wrapper: BaseDatabaseWrapper = proxy._connections[proxy._alias]
    return wrapper


def _look_for_good(watch: Watch) -> None:
    while True:
        time.sleep(_LOOKS_EVERY_S)
        if ended := watch.look():
            for _ in range(ended):
                POSTGRES.failed("a request waited for Postgres too long")
            log.warning("ended connections that a request waited for too long", connections=ended)


def _shut(database: BaseDatabaseWrapper) -> int:
    """1 where there was something to shut. The thread that waits reads the end of it, and cleans up itself."""
    with suppress(Exception):  # closed meanwhile, by who owns it
        number = os.dup(database.connection.pgconn.socket)
        with socket.socket(fileno=number) as end:
            end.shutdown(socket.SHUT_RDWR)
        return 1
    return 0

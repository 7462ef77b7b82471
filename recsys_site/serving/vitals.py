"""What a web process lets the first process know: that it is ready, and that it still answers."""

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

_BEATS_EVERY_S = 0.5
# Of a process that is ready: it had twenty turns. Starting may take as long as it takes.
HUNG_AFTER_S = 10.0
_LIVEZ = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/livez",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "HTTP_HOST": "localhost",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
Application = Callable[[dict[str, Any], Any], Any]


class Vitals:
    """Two moments of time.monotonic() in memory that both processes share; 0: not yet."""

    def __init__(self) -> None:
        self._ready_at, self._answered_at = (multiprocessing.RawValue("d", 0.0) for _ in range(2))

    def begin_anew(self) -> None:
        """Of another process."""
        self._ready_at.value = self._answered_at.value = 0.0

    def is_ready(self) -> bool:
        return bool(self._ready_at.value > 0)

    def is_hung(self, now: float) -> bool:
        """Whether it was ready and has not answered for too long; now: time.monotonic()."""
        return self.is_ready() and bool(now - self._answered_at.value > HUNG_AFTER_S)

    def answered(self) -> None:
        self._answered_at.value = time.monotonic()

    def ready(self) -> None:
        self.answered()
        self._ready_at.value = time.monotonic()


def loaded(load: Callable[[], Application], vitals: Vitals) -> Application:
    """What `load` gives, which is asked whether it lives from now on."""
    # Granian's own handlers come later; those that are inherited would do nothing here.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    application = load()
    vitals.ready()
    threading.Thread(target=_beat, args=(application, vitals), name="vitals", daemon=True).start()
    return application


def _beat(application: Application, vitals: Vitals) -> None:
    """As a client would ask, but for the socket: a lock that nobody gives back stops it, and so does SIGSTOP."""
    while True:
        _ask(application)
        vitals.answered()
        time.sleep(_BEATS_EVERY_S)


def _ask(application: Application) -> None:
    # What it answers is no matter: a process that says something lives.
    with suppress(Exception):
        answer = application({**_LIVEZ, "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr}, _hear)
        if close := getattr(answer, "close", None):
            close()


def _hear(status: str, headers: list[tuple[str, str]], *error: Any) -> None:
    """What a server would send on."""

"""A process that has loaded the product and answers nothing: it forks those that do, which are ready in a moment.

A fork copies one thread alone, and shares every connection. So the template runs one thread and opens nothing. Linux
alone lets us wait for processes that are another's children, by their pidfd; elsewhere each loads for itself.
"""

import gc
import multiprocessing
import os
import select
import signal
import socket
import struct
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

CAN_FORK = hasattr(os, "pidfd_open")
_LOOKS_EVERY_S = 0.05
_ORDER, _REPLY = struct.Struct("<qq"), struct.Struct("<q")
_LOADED = 0
# In the first process: its ends of the sockets. A child that kept one would keep its template.
_ends: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()
# In the template: starts process `idx` with the vitals in that slot, which closes the socket; returns its pid.
Fork = Callable[[int, int, socket.socket], int]


class Template:
    """As the first process has it. load: in the template, what those that it forks have in common."""

    def __init__(self, load: Callable[[], object], fork: Fork) -> None:
        self._end, theirs = socket.socketpair()
        self._is_loaded = False
        _ends.add(self._end)
        self._process = multiprocessing.get_context("fork").Process(
            target=_run, args=(theirs, load, fork), name="template"
        )
        self._process.start()
        theirs.close()

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def loads(self, *, within_s: float, unless: Callable[[], bool]) -> bool:
        """Waits until it has loaded; False where it ends before, takes too long or must not be waited for."""
        if not self._is_loaded:
            self._is_loaded = self._reply(within_s, unless) == _LOADED
        return self._is_loaded

    def fork(self, idx: int, slot: int, *, within_s: float, unless: Callable[[], bool]) -> int | None:
        """The pid of the process that it has forked; None as for `loads`."""
        if not self.loads(within_s=within_s, unless=unless):
            return None
        try:
            self._end.sendall(_ORDER.pack(idx, slot))
        except OSError:
            return None
        return self._reply(within_s, unless)

    def end(self) -> None:
        """What it has forked goes on."""
        self._end.close()
        self._process.join(1)
        if self._process.is_alive():
            self._process.kill()  # it is still loading
            self._process.join()

    def _reply(self, within_s: float, unless: Callable[[], bool]) -> int | None:
        give_up_at = time.monotonic() + within_s
        while time.monotonic() < give_up_at and not unless():
            if select.select([self._end], [], [], _LOOKS_EVERY_S)[0]:
                with suppress(OSError):
                    said = self._end.recv(_REPLY.size, socket.MSG_WAITALL)
                    return int(_REPLY.unpack(said)[0]) if len(said) == _REPLY.size else None
                return None
        return None


class Forked:
    """A process of a template's, as multiprocessing has its own. order: has it forked; its pid, or None."""

    def __init__(self, order: Callable[[], int | None]) -> None:
        self._order = order
        self.pid: int | None = None
        self._pidfd: int | None = None

    def start(self) -> None:
        self.pid = self._order()
        if self.pid is not None:
            with suppress(ProcessLookupError):  # it has ended already
                self._pidfd = os.pidfd_open(self.pid)
                weakref.finalize(self, os.close, self._pidfd)

    def is_alive(self) -> bool:
        return not self._ends_within(0)

    def join(self, timeout: float | None = None) -> None:
        self._ends_within(None if timeout is None else max(0, int(timeout * 1000)))

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _ends_within(self, ms: int | None) -> bool:
        if self._pidfd is None:
            return True
        waiting = select.poll()
        waiting.register(self._pidfd, select.POLLIN)
        return bool(waiting.poll(ms))

    def _send(self, number: signal.Signals) -> None:
        if self._pidfd is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)


def forget_our_modules() -> None:
    """The first process has read some of them when it began: who loads anew is to read their new text."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "recsys_site"]:
        del sys.modules[name]


def _run(door: socket.socket, load: Callable[[], object], fork: Fork) -> None:
    for end in list(_ends):
        end.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A terminal sends both to all; it is the first process that says what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    forget_our_modules()
    load()
    gc.collect()
    gc.freeze()  # else the first full collection of each child would copy all of it
    door.sendall(_REPLY.pack(_LOADED))
    while len(order := door.recv(_ORDER.size, socket.MSG_WAITALL)) == _ORDER.size:
        idx, slot = _ORDER.unpack(order)
        door.sendall(_REPLY.pack(fork(idx, slot, door)))
    # Without the farewells of multiprocessing, which would wait for its children.
    os._exit(0)

"""Granian's server with another first process.

Granian 2.8 lets each process listen for itself, starts a new one, waits a fixed time and ends the old one. Here the
first process listens, so that connections wait in its queue while processes start, and nothing is ended before what
replaces it is ready. A template that has loaded the product forks those that answer. What is overridden is granian's
own inside: its version is pinned, and the tests of what is served break where it moves.
"""

import logging
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from granian._granian import SocketHolder
from granian.server.mp import MPServer, WorkerProcess

from recsys_site.serving.template import CAN_FORK, Forked, Template, forget_our_modules
from recsys_site.serving.vitals import Vitals, loaded

_LOOKS_EVERY_S = 1.0
_READY_WITHIN_S = 120.0
_PAUSE_S = 2.0  # before another attempt, where a process ended before it was ready
log = logging.getLogger("recsys_site.serving")
Load = Callable[[], Any]


class Worker(WorkerProcess):
    """One that a template has forked."""

    def _spawn(self, target: Forked, args: Any) -> None:
        self.inner = target


class Server(MPServer):
    """Exits with 1 where its very first processes can't start; later ones are tried again and again.

    preload: imports what all processes have in common, in a process that goes on with one thread and opens nothing.
    """

    def __init__(self, *args: Any, preload: Load = lambda: None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._preload = preload
        self._vitals: dict[WorkerProcess, Vitals] = {}
        # In memory that templates and what they fork share with us; one process more while another is replaced.
        self._slots = [Vitals() for _ in range(self.workers + 1)]
        self._template: Template | None = None
        self._was_ready = False

    def _init_shared_socket(self) -> None:
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        self._sso = socket.socket(family)
        self._sso.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sso.bind((self.bind_addr, self.bind_port))
        self._sso.listen(self.backlog)
        self._sso.setblocking(False)  # noqa: FBT003
        holder: Any = SocketHolder
        self._shd = holder(self._sso.fileno(), False, self.backlog)  # noqa: FBT003  no unix socket

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Load) -> WorkerProcess:  # type: ignore[override]
        used = {id(vitals) for vitals in self._vitals.values()}
        slot = next(slot for slot, vitals in enumerate(self._slots) if id(vitals) not in used)
        vitals = self._slots[slot]
        vitals.begin_anew()
        if CAN_FORK:
            order = partial(self._order, idx, slot, target, callback_loader)
            worker: WorkerProcess = Worker(parent=self, idx=idx, target=Forked(order), args=())
        else:
            worker = super()._spawn_worker(
                idx, target, partial(loaded, partial(_anew, callback_loader), vitals)
            )
        self._vitals[worker] = vitals
        return worker

    def _order(self, idx: int, slot: int, target: Any, callback_loader: Load) -> int | None:
        """The pid of a process that the template has forked; None where it could not."""
        if self._template is None or not self._template.is_alive():
            self._template = self._new_template(target, callback_loader)
        return self._template.fork(idx, slot, within_s=_READY_WITHIN_S, unless=self._is_ending)

    def _new_template(self, target: Any, callback_loader: Load) -> Template:
        def fork(idx: int, slot: int, door: socket.socket) -> int:
            load = partial(_closing, door, callback_loader)
            worker = MPServer._spawn_worker(self, idx, target, partial(loaded, load, self._slots[slot]))
            worker.inner.start()
            return int(worker.inner.pid)

        return Template(self._preload, fork)

    def _is_ending(self) -> bool:
        return bool(self.interrupt_signal)

    def _stop_workers(self) -> None:
        super()._stop_workers()
        if self._template is not None:
            self._template.end()
        if self.interrupt_signal:
            self.interrupt_children.clear()  # what had not begun yet did not fail

    def _serve_loop(self, spawn_target: Any, target_loader: Load) -> None:
        looked_at = time.monotonic()
        while True:
            self.main_loop_interrupt.wait(_LOOKS_EVERY_S)
            self.main_loop_interrupt.clear()
            # Granian's list of who ended unasked: what is left in it makes the end a failure.
            self.interrupt_children.clear()
            if self.interrupt_signal:
                return
            if (dead := self._dead()) and not self._replaced(dead, spawn_target, target_loader):
                return
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
            now = time.monotonic()
            # Whoever was stopped together with us had no turn either.
            if now - looked_at < 3 * _LOOKS_EVERY_S:
                self._kill_hung(now)
            looked_at = now

    def _dead(self) -> list[int]:
        """Looked for, not told: two that end at once are two."""
        return [idx for idx, worker in enumerate(self.wrks) if not worker.is_alive()]

    def _replaced(self, dead: list[int], spawn_target: Any, target_loader: Load) -> bool:
        """False where none of ours has ever been ready: then it is no accident."""
        self._was_ready |= any(vitals.is_ready() for vitals in self._vitals.values())
        if not self._was_ready:
            log.error("no web process could start")
            self.interrupt_children += dead
            return False
        if not all(self._vitals[self.wrks[idx]].is_ready() for idx in dead):
            time.sleep(_PAUSE_S)
        for idx in dead:
            self._vitals.pop(self.wrks[idx])
            log.warning("starting another web process for one that ended")
            self.wrks[idx] = self._started(idx, spawn_target, target_loader)
        return True

    def _respawn_workers(
        self, workers: list[int], spawn_target: Any, target_loader: Load, delay: float = 0
    ) -> None:
        """One after the other, each ended once another is ready in its place. Where one doesn't get ready, it and the
        rest stay, and what they were forked by: what is new doesn't work."""
        before = self._template
        if before is not None:
            self._template = self._new_template(spawn_target, target_loader)
            if not self._template.loads(within_s=_READY_WITHIN_S, unless=self._is_ending):
                log.error("what is new does not load; the old web processes go on")
                self._go_back_to(before)
                return
        if self._all_replaced(workers, spawn_target, target_loader):
            if before is not None:
                before.end()
        elif before is not None:
            self._go_back_to(before)

    def _go_back_to(self, before: Template) -> None:
        if self._template is not None:
            self._template.end()
        self._template = before

    def _all_replaced(self, workers: list[int], spawn_target: Any, target_loader: Load) -> bool:
        for idx in workers:
            new = self._started(idx, spawn_target, target_loader, on_trial=True)
            if not self._gets_ready(new):
                log.error("the new web process does not get ready; the old ones go on")
                self._vitals.pop(new)
                new.kill()
                new.join()
                return False
            new.interrupt_by_parent = False
            old, self.wrks[idx] = self.wrks[idx], new
            self._vitals.pop(old)
            self._end(old)
        return True

    def _started(
        self, idx: int, spawn_target: Any, target_loader: Load, *, on_trial: bool = False
    ) -> WorkerProcess:
        worker = self._spawn_worker(idx, spawn_target, target_loader)
        worker.interrupt_by_parent = on_trial  # nobody replaces one on trial that ends
        worker.start()
        return worker

    def _gets_ready(self, worker: WorkerProcess) -> bool:
        give_up_at = time.monotonic() + _READY_WITHIN_S
        while worker.is_alive() and time.monotonic() < give_up_at and not self.interrupt_signal:
            if self._vitals[worker].is_ready():
                return True
            time.sleep(0.05)
        return False

    def _end(self, worker: WorkerProcess) -> None:
        worker.terminate()
        worker.join(self.workers_kill_timeout)
        if worker.is_alive():
            worker.kill()
            worker.join()

    def _kill_hung(self, now: float) -> None:
        for worker in self.wrks:
            if self._vitals[worker].is_hung(now) and worker.is_alive():
                log.error("ending a web process that answers nothing")
                worker.inner.kill()  # who watches over it starts another


def _anew(load: Load) -> Any:
    forget_our_modules()
    return load()


def _closing(door: socket.socket, load: Load) -> Any:
    """In a process that was forked: the template alone hears what the first one says."""
    door.close()
    return load()

"""What is done to the product while clients ask: published, promoted, taken back, killed, reloaded."""

import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from celery import current_app
from celery.schedules import crontab
from django.db import connection

from benchmarks.faults.product import Product, send
from benchmarks.soak.marks import Marks
from retrieval import versions
from retrieval.mixes import publish

_TASKS_AFTER_S, _CROWDS_AFTER_S, _CROWDS = 20.0, 40.0, 8


@dataclass(frozen=True, slots=True)
class Move:
    """From `begun` (monotonic) on that mix or that model may be served; since `at`, when its change was committed for
    certain, it is the one to serve."""

    begun: float
    at: float
    what: str  # "mix" or "model"
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds from the beginning. Processes are restarted early and once more when nothing is compared any more, so
    that those between them live for long enough to see them grow. In between each does once what it does now and then:
    what loads when it is first needed, and what opens with the first crowd, is no growth."""

    whole_s: float

    @property
    def restarts_at_s(self) -> tuple[float, float]:
        return 0.08 * self.whole_s, 0.94 * self.whole_s

    @property
    def steady_s(self) -> tuple[float, float]:
        """Between them memory and connections are compared: what was restarted has warmed up by then."""
        early, late = self.restarts_at_s
        return early + max(60.0, 0.15 * self.whole_s), late

    def steps(self) -> Iterator[tuple[float, str]]:
        """(when, what), ascending."""
        steps = [(at, "mix") for at in _every(20.0, self.whole_s)]
        steps += [(at, "model") for at in _every(35.0, self.whole_s)]
        for at in self.restarts_at_s:
            steps += [(at, "worker"), (at + 1.0, "trainer"), (at + 2.0, "web")]
        early = self.restarts_at_s[0]
        steps.append((early + _TASKS_AFTER_S, "tasks"))
        steps += [(early + _CROWDS_AFTER_S + n, "crowd") for n in range(_CROWDS)]
        return iter(sorted(steps))


def _every(step_s: float, whole_s: float) -> list[float]:
    return [float(n) * step_s for n in range(1, int((whole_s - 5.0) / step_s) + 1)]


class Mover:
    """Carries out the plan in a thread; `moves` grows."""

    def __init__(self, product: Product, marks: Marks, plan: Plan, crowd: Callable[[], None]) -> None:
        self.moves: list[Move] = []
        self.reloads: list[float] = []
        self._product, self._plan = product, plan
        self._mixes = itertools.cycle([*marks.sources][::-1])
        self._do: dict[str, Callable[[], None]] = {
            "mix": self._publish,
            "model": self._turn_back,
            "worker": lambda: send(product.celery("worker@%h"), signal.SIGKILL),
            "trainer": lambda: send(product.celery("trainer@%h"), signal.SIGKILL),
            "web": self._reload,
            "tasks": run_each_task,
            "crowd": crowd,
        }
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        """Returns after the last move."""
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        for at, what in self._plan.steps():
            time.sleep(max(0.0, began + at - time.monotonic()))
            self._do[what]()
            print(f"{time.monotonic() - began:7.1f} s: {what}", file=sys.stderr, flush=True)
        connection.close()

    def _publish(self) -> None:
        number, begun = next(self._mixes), time.monotonic()
        publish(number)
        self.moves.append(Move(begun, time.monotonic(), "mix", number))

    def _turn_back(self) -> None:
        """The version before becomes the live one: the first promotes what the second takes back."""
        begun = time.monotonic()
        number = versions.rollback()
        self.moves.append(Move(begun, time.monotonic(), "model", number))

    def _reload(self) -> None:
        self.reloads.append(time.monotonic())
        send([self._product.web()], signal.SIGHUP)


def run_each_task() -> None:
    """Asks the workers for each that is due every so often, at once; not for what waits for the night."""
    for entry in current_app.conf.beat_schedule.values():
        if not isinstance(entry["schedule"], crontab):
            current_app.send_task(entry["task"], **entry["options"])

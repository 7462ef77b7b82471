"""What is broken, how, and how it is mended."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery

from benchmarks.faults.plant import Plant
from benchmarks.faults.proxy import Mode

Step = Callable[[Plant], None]


def _nothing_more(_: Plant) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Case:
    """breaks runs once, then the fault lasts `lasts_s`, then mends. writes_survive: whether events can be acknowledged
    meanwhile, so that a 503 of theirs would be unexpected. whole: what else must be well again besides answers."""

    name: str
    breaks: Step
    mends: Step
    writes_survive: bool = True
    lasts_s: float = 4.0
    whole: Callable[[Plant], bool] = _nothing_more
    patience_s: float = 45.0


def _killed(name: str) -> Step:
    return lambda plant: plant.signal(name, signal.SIGKILL)


def _stopped(name: str) -> Step:
    return lambda plant: plant.signal(name, signal.SIGSTOP)


def _continued(name: str) -> Step:
    return lambda plant: plant.signal(name, signal.SIGCONT)


def _started(*names: str) -> Step:
    def start(plant: Plant) -> None:
        for name in names:
            plant.start_server(name)

    return start


def _both(*steps: Step) -> Step:
    def all_of_them(plant: Plant) -> None:
        for step in steps:
            step(plant)

    return all_of_them


def _nothing(plant: Plant) -> None:
    """The product mends itself."""


def _turned(name: str, mode: Mode) -> Step:
    return lambda plant: plant.be(name, mode)


def _works(plant: Plant) -> bool:
    """Whether a task that is sent now is taken within a second."""
    broker = Celery(broker=f"redis+socket://{plant.addresses.socket_dir}/broker.sock")
    broker.send_task("catalog.ensure_partitions")
    time.sleep(1)
    queue = plant.broker()
    return bool(plant.pids("worker")) and queue.llen("celery") == 0


def _beats(plant: Plant) -> bool:
    return bool(plant.pids("beat")) and bool(plant.broker().exists("redbeat::lock"))


def _proxied(name: str, *, writes_survive: bool) -> list[Case]:
    return [
        Case(
            f"{name}: {mode.value}",
            _turned(name, mode),
            _turned(name, Mode.FINE),
            writes_survive=writes_survive or mode in (Mode.SLOW, Mode.THROTTLE),
            whole=_works if name == "broker" else _nothing_more,
        )
        for mode in (Mode.BLACK_HOLE, Mode.HALF_OPEN, Mode.SLOW, Mode.THROTTLE, Mode.LIE, Mode.RESET)
    ]


CASES = [
    Case("cache: killed", _killed("cache"), _started("cache")),
    Case("cache: stopped", _stopped("cache"), _continued("cache")),
    *_proxied("cache", writes_survive=True),
    Case("postgres: killed", _killed("postgres"), _started("postgres"), writes_survive=False),
    Case("postgres: stopped", _stopped("postgres"), _continued("postgres"), writes_survive=False),
    *_proxied("postgres", writes_survive=False),
    Case("broker: killed", _killed("broker"), _started("broker"), whole=_works),
    Case("broker: stopped", _stopped("broker"), _continued("broker"), whole=_works),
    *_proxied("broker", writes_survive=True),
    Case("worker: killed", _killed("worker"), _nothing, whole=_works),
    Case("worker: stopped", _stopped("worker"), _continued("worker"), whole=_works),
    # The lock of a beat that was killed is kept for a minute.
    Case("beat: killed", _killed("beat"), _nothing, whole=_beats, patience_s=100),
    Case("beat: stopped", _stopped("beat"), _continued("beat"), whole=_beats),
    Case(
        "web process: killed",
        lambda plant: plant.signal("web", signal.SIGKILL, only_first=True),
        _nothing,
        whole=lambda plant: len(plant.pids("web")) == 2,
    ),
    Case(
        "web process: stopped",
        lambda plant: plant.signal("web", signal.SIGSTOP, only_first=True),
        _continued("web"),
    ),
    Case(
        "cache and postgres: killed",
        _both(_killed("cache"), _killed("postgres")),
        _started("postgres", "cache"),
        writes_survive=False,
    ),
    Case(
        "cache and postgres: black hole",
        _both(_turned("cache", Mode.BLACK_HOLE), _turned("postgres", Mode.BLACK_HOLE)),
        _both(_turned("cache", Mode.FINE), _turned("postgres", Mode.FINE)),
        writes_survive=False,
    ),
    Case(
        "worker and broker: killed",
        _both(_killed("worker"), _killed("broker")),
        _started("broker"),
        whole=_works,
    ),
]

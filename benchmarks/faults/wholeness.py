"""When the product is whole: ready, no server missed, events kept, in all of its web processes.

A source that was late is no sign of a server that is missed: on a busy machine some always are.
"""

import http.client
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import redis
from kombu.exceptions import OperationalError

from benchmarks.faults.clients import Attempt, Clients
from benchmarks.faults.product import HOST, Product
from recsys_site.celery import app

# Fresh connections land on one of two processes by chance: so many in a row have asked both.
_IN_A_ROW = 6
_PAUSE_S = 0.1
_SERVERS = frozenset({"cache", "postgres"})  # as answers name them


@dataclass(frozen=True, slots=True)
class Also:
    """What else is wanted of a whole product: `of_product`, and that each probe's answer is of that mix and that model
    version, as they are wanted at that moment, and misses none of `sources`."""

    of_product: Callable[[Product], bool] = field(default=lambda _: True)
    mix: Callable[[], int | None] = field(default=lambda: None)
    model: Callable[[], int | None] = field(default=lambda: None)
    sources: frozenset[str] = frozenset()

    @classmethod
    def all_of(cls, wanted: Sequence["Also"]) -> "Also":
        return cls(
            lambda product: all(also.of_product(product) for also in wanted),
            lambda: next((mix for also in wanted if (mix := also.mix()) is not None), None),
            lambda: next((model for also in wanted if (model := also.model()) is not None), None),
            frozenset[str]().union(*(also.sources for also in wanted)),
        )

    def allows(self, answer: Attempt) -> bool:
        of_those = self.mix() in (None, answer.mix) and self.model() in (None, answer.model)
        return of_those and not (_SERVERS | self.sources) & set(answer.degraded)


NOTHING_MORE = Also()


def worker_answers(_: Product) -> bool:
    """The worker of the queue for everything small takes what the broker brings."""
    try:
        # A connection of its own: that of the pool may have died with the broker.
        with app.connection() as connection:
            replies = app.control.ping(timeout=1.0, limit=2, connection=connection) or ()
        names = [next(iter(reply)) for reply in replies]
    except (OSError, redis.RedisError, OperationalError):
        return False
    return any(name.startswith("worker@") for name in names)


def wait_until_whole(product: Product, clients: Clients, also: Also, *, patience_s: float) -> float | None:
    """Seconds until the first of several good probes in a row; None where that did not come in time.

    The probes' events count among the clients'.
    """
    began = time.monotonic()
    while (since := time.monotonic()) < began + patience_s:
        if also.of_product(product) and _well_in_a_row(product, clients, also):
            return since - began
        time.sleep(_PAUSE_S)
    return None


def _well_in_a_row(product: Product, clients: Clients, also: Also) -> bool:
    return all(_is_well(product, clients, also) for _ in range(_IN_A_ROW))


def _is_well(product: Product, clients: Clients, also: Also) -> bool:
    known = clients.ask("known", time.monotonic())
    if known.status != 200 or not also.allows(known):
        return False
    return clients.ask("event", time.monotonic()).status == 200 and _readiness(product.port) == "ready"


def _readiness(port: int) -> str:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        status: str = json.loads(connection.getresponse().read()).get("status", "")
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    finally:
        connection.close()
    return status

"""When the product is whole: ready, no server missed, events kept, in all of its web processes.

A source that was late is no sign of a server that is missed: on a busy machine some always are.
"""

import http.client
import json
import time
from collections.abc import Callable

import redis
from kombu.exceptions import OperationalError

from benchmarks.faults.clients import Clients
from benchmarks.faults.product import HOST, Product
from recsys_site.celery import app

Also = Callable[[Product], bool]
# Fresh connections land on one of two processes by chance: so many in a row have asked both.
_IN_A_ROW = 6
_PAUSE_S = 0.1
_SERVERS = {"cache", "postgres"}  # as answers name them


def nothing_more(_: Product) -> bool:
    return True


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


def mix_is(revision: int) -> Also:
    """A condition on each probe's answer rather than on the processes."""

    def condition(_: Product) -> bool:
        return True

    condition.mix = revision  # type: ignore[attr-defined]
    return condition


def wait_until_whole(product: Product, clients: Clients, also: Also, *, patience_s: float) -> float | None:
    """Seconds until the first of several good probes in a row; None where that did not come in time.

    The probes' events count among the clients'.
    """
    began = time.monotonic()
    mix = getattr(also, "mix", None)
    while (since := time.monotonic()) < began + patience_s:
        if also(product) and _well_in_a_row(product, clients, mix):
            return since - began
        time.sleep(_PAUSE_S)
    return None


def _well_in_a_row(product: Product, clients: Clients, mix: int | None) -> bool:
    return all(_is_well(product, clients, mix) for _ in range(_IN_A_ROW))


def _is_well(product: Product, clients: Clients, mix: int | None) -> bool:
    known = clients.ask("known", time.monotonic())
    if known.status != 200 or _SERVERS & set(known.degraded) or (mix is not None and known.mix != mix):
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

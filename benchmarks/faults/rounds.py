"""Random kills during ingest, round after round: nothing that was acknowledged may be missing afterwards."""

import random
import signal
import sys
import time

from benchmarks.faults.clients import EVENTS_ONLY, Clients
from benchmarks.faults.judging import Trial, compare
from benchmarks.faults.product import Product, Server, send
from benchmarks.faults.wholeness import NOTHING_MORE, wait_until_whole

_PER_SECOND = 12.0
_PATIENCE_S = 60.0
_VICTIMS = ("postgres", "cache", "web", "all web", "postgres and web")
_SERVERS: dict[str, tuple[Server, ...]] = {
    "postgres": ("postgres",),
    "cache": ("cache",),
    "postgres and web": ("postgres",),
}


def random_kills(
    product: Product, clients: Clients, database_url: str, *, rounds: int, most_s: float
) -> Trial:
    """One trial of as many as fit into `most_s`; its recovery is the longest time until events were kept again. Who
    is killed and when is drawn, always alike."""
    chance = random.Random(20_261)
    clients.start(_PER_SECOND, EVENTS_ONLY)
    longest_s = 0.0
    give_up_at = time.monotonic() + most_s
    done = 0
    while done < rounds and time.monotonic() < give_up_at:
        done += 1
        time.sleep(chance.uniform(0.3, 1.5))
        victim = chance.choice(_VICTIMS)
        kill(product, victim)
        time.sleep(chance.uniform(0.0, 1.0))
        began = time.monotonic()
        product.start(*_SERVERS.get(victim, ()))
        waited_s = time.monotonic() - began
        # Not whole yet, only keeping events again: the next kill may come while it recovers.
        kept_s = waited_s + _wait_until_kept(clients)
        longest_s = max(longest_s, kept_s)
        print(f"  round {done}: {victim}, events kept after {kept_s:.1f} s", file=sys.stderr, flush=True)
    if wait_until_whole(product, clients, NOTHING_MORE, patience_s=_PATIENCE_S) is None:
        longest_s = float("inf")
    clients.stop()
    lost, twice = compare(database_url, clients.prefix, clients.acknowledged)
    name = f"{done} rounds of random kills during ingest"
    return Trial(
        name,
        clients.attempts,
        longest_s,
        without_postgres=True,
        acknowledged=len(clients.acknowledged),
        lost=lost,
        stored_twice=twice,
    )


def _wait_until_kept(clients: Clients) -> float:
    """Seconds until an event is acknowledged; infinite where that did not come in time."""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        if clients.ask("event", time.monotonic()).status == 200:
            return time.monotonic() - began
        time.sleep(0.1)
    return float("inf")


def kill(product: Product, victim: str) -> None:
    for server in _SERVERS.get(victim, ()):
        send(product.processes_of(server), signal.SIGKILL)
    if "web" in victim:
        processes = product.web_processes()
        send(processes if victim == "all web" else processes[:1], signal.SIGKILL)

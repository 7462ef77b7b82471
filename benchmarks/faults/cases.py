"""What is broken, one at a time and in pairs: each case breaks on entering and heals on leaving."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from django.db import connection

from benchmarks.faults.product import WEB_PROCESSES, Product, Server, send
from benchmarks.faults.proxy import Manner
from benchmarks.faults.wholeness import Also, mix_is, nothing_more, worker_answers
from retrieval.mixes import create_revision, publish, published_mix, shipped_body

Fault = Callable[[Product], AbstractContextManager[Also]]
HOLD_S = 6.0


@dataclass(frozen=True, slots=True)
class Case:
    """`hold_s`: until it is healed; 0 where the product heals itself. `without_postgres`: events can't be kept
    meanwhile, so 503 with Retry-After is the right answer to them."""

    name: str
    fault: Fault
    hold_s: float = HOLD_S
    without_postgres: bool = False


def killed(*servers: Server) -> Fault:
    """With all their processes, as by a power cut; started again afterwards."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        for server in servers:
            send(product.processes_of(server), signal.SIGKILL)
        try:
            yield worker_answers if "broker" in servers else nothing_more
        finally:
            product.start(*servers)

    return fault


def hung(*servers: Server) -> Fault:
    """Its connections stay open and nothing answers."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        stopped = [process for server in servers for process in product.processes_of(server)]
        send(stopped, signal.SIGSTOP)
        try:
            yield worker_answers if "broker" in servers else nothing_more
        finally:
            send(stopped, signal.SIGCONT)

    return fault


def passing(server: Server, manner: Manner, *, delay_s: float = 0.0) -> Fault:
    """Between the product and that server."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        proxy = product.postgres if server == "postgres" else product.cache
        with proxy.passing(manner, delay_s=delay_s):
            yield nothing_more

    return fault


def both(one: Fault, other: Fault) -> Fault:
    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        with one(product) as first, other(product) as second:
            yield lambda product: first(product) and second(product)

    return fault


def celery_killed(word: str) -> Fault:
    """Its first process and its children. The shell around it starts it again."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        before = product.celery(word)
        send(before, signal.SIGKILL)
        dead = {process.pid for process in before}

        def is_back(product: Product) -> bool:
            new = {process.pid for process in product.celery(word)}
            return bool(new) and not new & dead and (word == "beat" or worker_answers(product))

        yield is_back

    return fault


def web_processes(number: signal.Signals, how_many: int) -> Fault:
    """So many of those that answer."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        send(product.web_processes()[:how_many], number)
        try:
            yield _all_serve(product, replaced=number == signal.SIGKILL and how_many == WEB_PROCESSES)
        finally:
            send(product.web_processes(), signal.SIGCONT)

    return fault


@contextmanager
def reloaded(product: Product) -> Iterator[Also]:
    """By SIGHUP, as for new code: every process is replaced by another."""
    also = _all_serve(product, replaced=True)
    send([product.web()], signal.SIGHUP)
    yield also


@contextmanager
def mix_published(_: Product) -> Iterator[Also]:
    """A revision of the default mix, by this process; whole once every answer is of it."""
    connection.close()  # it may have died with the server
    body = {**shipped_body(), "merge": "round_robin"}
    revision = create_revision(body, note="Published under load.").number
    before = published_mix().revision
    publish(revision)
    yield mix_is(revision)
    publish(before)


def _all_serve(product: Product, *, replaced: bool) -> Also:
    before = {process.pid for process in product.web_processes()} if replaced else set()

    def served(product: Product) -> bool:
        now = {process.pid for process in product.web_processes()}
        return len(now) == WEB_PROCESSES and not now & before

    return served


CASES = (
    Case("cache killed", killed("cache")),
    Case("cache hung", hung("cache")),
    Case("cache 200 ms late", passing("cache", Manner.LATE, delay_s=0.2)),
    Case("cache answers garbage", passing("cache", Manner.GARBAGE)),
    Case("cache connections reset", passing("cache", Manner.RESET)),
    Case("cache swallowed by the network", passing("cache", Manner.HELD)),
    Case("Postgres killed", killed("postgres"), without_postgres=True),
    Case("Postgres hung", hung("postgres"), without_postgres=True),
    Case("Postgres 200 ms late", passing("postgres", Manner.LATE, delay_s=0.2), without_postgres=True),
    Case("Postgres answers garbage", passing("postgres", Manner.GARBAGE), without_postgres=True),
    Case("Postgres connections reset", passing("postgres", Manner.RESET), without_postgres=True),
    Case("Postgres swallowed by the network", passing("postgres", Manner.HELD), without_postgres=True),
    Case("broker killed", killed("broker")),
    Case("broker hung", hung("broker")),
    Case("worker killed", celery_killed("worker@%h"), hold_s=0),
    Case("trainer killed", celery_killed("trainer@%h"), hold_s=0),
    Case("beat killed", celery_killed("beat"), hold_s=0),
    Case("one web process killed", web_processes(signal.SIGKILL, 1), hold_s=0),
    Case("all web processes killed", web_processes(signal.SIGKILL, WEB_PROCESSES), hold_s=0),
    Case("one web process hung", web_processes(signal.SIGSTOP, 1)),
    Case("cache and Postgres killed", killed("cache", "postgres"), without_postgres=True),
    Case("cache and Postgres hung", hung("cache", "postgres"), without_postgres=True),
    Case("cache and broker killed", killed("cache", "broker")),
    Case("Postgres and broker killed", killed("postgres", "broker"), without_postgres=True),
    Case("all servers killed", killed("cache", "postgres", "broker"), without_postgres=True),
    Case(
        "cache killed, Postgres 200 ms late",
        both(killed("cache"), passing("postgres", Manner.LATE, delay_s=0.2)),
        without_postgres=True,
    ),
    Case("graceful reload", reloaded, hold_s=0),
    Case("a mix published", mix_published, hold_s=0),
)

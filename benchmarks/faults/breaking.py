"""Ways of breaking servers and processes: each breaks on entering and heals on leaving."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from django.db import connection

from benchmarks.faults.product import WEB_PROCESSES, Product, Server, send
from benchmarks.faults.proxy import Manner
from benchmarks.faults.wholeness import NOTHING_MORE, Also, worker_answers
from retrieval import versions
from retrieval.mixes import create_revision, publish, published_mix, shipped_body

Fault = Callable[[Product], AbstractContextManager[Also]]
WORKER_ANSWERS = Also(worker_answers)


def killed(*servers: Server) -> Fault:
    """With all their processes, as by a power cut; started again afterwards."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        for server in servers:
            send(product.processes_of(server), signal.SIGKILL)
        try:
            yield WORKER_ANSWERS if "broker" in servers else NOTHING_MORE
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
            yield WORKER_ANSWERS if "broker" in servers else NOTHING_MORE
        finally:
            send(stopped, signal.SIGCONT)

    return fault


def passing(server: Server, manner: Manner, *, delay_s: float = 0.0) -> Fault:
    """Between the product and that server."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        proxy = product.postgres if server == "postgres" else product.cache
        with proxy.passing(manner, delay_s=delay_s):
            yield NOTHING_MORE

    return fault


def together(*faults: Fault) -> Fault:
    """One after the other, healed in the opposite order."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        with ExitStack() as stack:
            yield Also.all_of([stack.enter_context(one(product)) for one in faults])

    return fault


def celery_killed(*words: str) -> Fault:
    """Their first processes and their children. The shell around each starts it again."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        before = [process for word in words for process in product.celery(word)]
        send(before, signal.SIGKILL)
        dead = {process.pid for process in before}

        def are_back(product: Product) -> bool:
            new = [{process.pid for process in product.celery(word)} for word in words]
            return all(pids and not pids & dead for pids in new) and (
                words == ("beat",) or worker_answers(product)
            )

        yield Also(are_back)

    return fault


def web_processes(number: signal.Signals, how_many: int) -> Fault:
    """So many of those that answer."""

    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        also = _all_serve(product, replaced=number == signal.SIGKILL and how_many == WEB_PROCESSES)
        send(product.web_processes()[:how_many], number)
        try:
            yield also
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
    """A revision of the default mix, by this process, and the one before for healing; whole once every answer is of
    what was published last."""
    connection.close()  # it may have died with the server
    body = {**shipped_body(), "merge": "round_robin"}
    revision = create_revision(body, note="Published under load.").number
    before = published_mix().revision
    wanted = [revision]
    publish(revision)
    yield Also(mix=lambda: wanted[-1])
    wanted.append(before)
    publish(before)


@contextmanager
def version_promoted(_: Product) -> Iterator[Also]:
    """The version before, by this process, and the later one for healing; whole once every answer is of what went
    live last."""
    connection.close()
    before = versions.live_model()
    wanted = [versions.rollback()]
    yield Also(model=lambda: wanted[-1])
    if before is not None:
        wanted.append(before.version)
        versions.promote(before.version)


def _all_serve(product: Product, *, replaced: bool) -> Also:
    before = {process.pid for process in product.web_processes()} if replaced else set()

    def served(product: Product) -> bool:
        now = {process.pid for process in product.web_processes()}
        return len(now) == WEB_PROCESSES and not now & before

    return Also(served)

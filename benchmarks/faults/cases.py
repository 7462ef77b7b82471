"""What is broken, one at a time and in pairs."""

import signal
from dataclasses import dataclass

from benchmarks.faults import beside
from benchmarks.faults.breaking import (
    Fault,
    celery_killed,
    hung,
    killed,
    mix_published,
    passing,
    reloaded,
    together,
    version_promoted,
    web_processes,
)
from benchmarks.faults.disks import disk_full
from benchmarks.faults.odd.manners import Manner as OddManner
from benchmarks.faults.product import WEB_PROCESSES
from benchmarks.faults.proxy import Manner

HOLD_S = 6.0
# Long enough for new processes to load and to find that nobody is there.
_STARTING_S = 15.0
_WORKER, _TRAINER, _BEAT = "worker@%h", "trainer@%h", "beat"
# Has to open what the others have open already.
_ONE_WEB = web_processes(signal.SIGKILL, 1)
_ALL_WEB = web_processes(signal.SIGKILL, WEB_PROCESSES)
_POSTGRES_LATE = passing("postgres", Manner.LATE, delay_s=0.2)


@dataclass(frozen=True, slots=True)
class Case:
    """`hold_s`: until it is healed; 0 where the product heals itself. `without_postgres`: events can't be kept
    meanwhile, so 503 with Retry-After is the right answer to them. `needs_disk`: of its own."""

    name: str
    fault: Fault
    hold_s: float = HOLD_S
    without_postgres: bool = False
    needs_disk: bool = False


CASES = (
    Case("cache killed", killed("cache")),
    Case("cache hung", hung("cache")),
    Case("cache 200 ms late", passing("cache", Manner.LATE, delay_s=0.2)),
    Case("cache answers garbage", passing("cache", Manner.GARBAGE)),
    Case("cache connections reset", passing("cache", Manner.RESET)),
    Case("cache swallowed by the network", passing("cache", Manner.HELD)),
    Case("Postgres killed", killed("postgres"), without_postgres=True),
    Case("Postgres hung", hung("postgres"), without_postgres=True),
    Case("Postgres 200 ms late", _POSTGRES_LATE, without_postgres=True),
    Case("Postgres answers garbage", passing("postgres", Manner.GARBAGE), without_postgres=True),
    Case("Postgres connections reset", passing("postgres", Manner.RESET), without_postgres=True),
    Case("Postgres swallowed by the network", passing("postgres", Manner.HELD), without_postgres=True),
    Case("broker killed", killed("broker")),
    Case("broker hung", hung("broker")),
    Case("worker killed", celery_killed(_WORKER), hold_s=0),
    Case("trainer killed", celery_killed(_TRAINER), hold_s=0),
    Case("beat killed", celery_killed(_BEAT), hold_s=0),
    Case("worker and beat killed", celery_killed(_WORKER, _BEAT), hold_s=0),
    Case("one web process killed", _ONE_WEB, hold_s=0),
    Case("all web processes killed", _ALL_WEB, hold_s=0),
    Case("one web process hung", web_processes(signal.SIGSTOP, 1)),
    Case("cache and Postgres killed", killed("cache", "postgres"), without_postgres=True),
    Case("cache and Postgres hung", hung("cache", "postgres"), without_postgres=True),
    Case("cache and broker killed", killed("cache", "broker")),
    Case("Postgres and broker killed", killed("postgres", "broker"), without_postgres=True),
    Case("all servers killed", killed("cache", "postgres", "broker"), without_postgres=True),
    Case(
        "cache killed, Postgres 200 ms late", together(killed("cache"), _POSTGRES_LATE), without_postgres=True
    ),
    Case("worker and cache killed", together(celery_killed(_WORKER), killed("cache"))),
    Case(
        "worker and Postgres killed",
        together(celery_killed(_WORKER), killed("postgres")),
        without_postgres=True,
    ),
    Case("disk full", disk_full, without_postgres=True, needs_disk=True),
    Case("graceful reload", reloaded, hold_s=0),
    Case("a mix published", mix_published, hold_s=0),
    Case("a version promoted", version_promoted, hold_s=0),
    Case("a mix published, cache killed", together(mix_published, killed("cache"))),
    Case(
        "a mix published, Postgres 200 ms late",
        together(mix_published, _POSTGRES_LATE),
        without_postgres=True,
    ),
    Case("a version promoted, cache hung", together(version_promoted, hung("cache"))),
    Case(
        "web started without cache and broker",
        together(killed("cache", "broker"), _ALL_WEB),
        hold_s=_STARTING_S,
    ),
    Case(
        "web started without Postgres",
        together(killed("postgres"), _ALL_WEB),
        hold_s=_STARTING_S,
        without_postgres=True,
    ),
    Case(
        "all started without any server",
        together(killed("cache", "postgres", "broker"), celery_killed(_WORKER, _BEAT), _ALL_WEB),
        hold_s=_STARTING_S,
        without_postgres=True,
    ),
)
# With what `beside.prepare` makes and under `beside.ENVIRONMENT`.
BESIDE = (
    Case("FAISS snapshot missing", together(beside.snapshot_missing, _ONE_WEB)),
    Case("FAISS snapshot damaged", together(beside.snapshot_damaged, _ONE_WEB)),
    Case("FAISS snapshot hung", together(beside.snapshot_hung, _ONE_WEB)),
    Case(
        "FAISS snapshot missing, Postgres 200 ms late",
        together(beside.snapshot_missing, _ONE_WEB, _POSTGRES_LATE),
        without_postgres=True,
    ),
    Case("a source raises", beside.source(OddManner.RAISES)),
    Case("a source hangs", beside.source(OddManner.HANGS)),
    Case("a source late", beside.source(OddManner.LATE)),
    Case("a source names items that don't exist", beside.source(OddManner.STRANGE_IDS)),
    Case("a source's scores are no numbers", beside.source(OddManner.NOT_NUMBERS)),
    Case("a source hangs, cache killed", together(beside.source(OddManner.HANGS), killed("cache"))),
)

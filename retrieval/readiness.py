"""Whether requests can be served: what /readyz answers and what the console's lights show are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db import DatabaseError, InterfaceError, connection

from retrieval.by_heart import can_answer
from retrieval.mixes import published_mix
from retrieval.types import RetrievalError
from retrieval.valkey import client

OK = "ok"


@dataclass(frozen=True, slots=True)
class Readiness:
    """checks: by name, "ok" or what is wrong. degraded: requests are served, with something missing."""

    checks: Mapping[str, str]

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(name for name, outcome in self.checks.items() if outcome != OK)

    @property
    def status(self) -> Literal["ready", "degraded", "not ready"]:
        if not self.failed:
            return "ready"
        if set(self.failed) <= _DISPENSABLE:
            return "degraded"
        # A load balancer that took every process out would keep what they know by heart from everybody.
        by_heart = set(self.failed) <= {*_DISPENSABLE, "postgres"} and can_answer()
        return "degraded" if by_heart else "not ready"


def readiness() -> Readiness:
    """Asks each store once; never raises for one that is away."""
    return Readiness({name: _outcome(check) for name, check in _CHECKS.items()})


def _ask_postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_cache() -> None:
    client().ping()


def _ask_for_a_mix() -> None:
    published_mix()


_DISPENSABLE = frozenset({"cache"})
_CHECKS: dict[str, Callable[[], None]] = {
    "postgres": _ask_postgres,
    "cache": _ask_cache,
    "mix": _ask_for_a_mix,
}


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except (DatabaseError, InterfaceError):
        return "unavailable"  # the driver's words name hosts and users
    except RetrievalError as error:
        return str(error)
    return OK

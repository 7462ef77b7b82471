"""How many processes, threads and connections, derived from the cores that this process may use."""

import os
from dataclasses import dataclass

# Of Django and of `retrieval.prepared`, one each.
_CONNECTIONS_PER_WEB_THREAD = 2


def cores() -> int:
    """Those that the scheduler may put us on, which a container may limit to fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of the web: processes, threads of each that answer, threads of each that run sources, its hot connections."""

    workers: int
    threads: int
    source_threads: int
    hot_pool: int

    @property
    def connections(self) -> int:
        """To Postgres, of all web processes at the most."""
        return self.workers * (self.hot_pool + _CONNECTIONS_PER_WEB_THREAD * self.threads)


def default_workers() -> int:
    """A process per core: a request is mostly Python, of which a process runs one thread at a time."""
    return cores()

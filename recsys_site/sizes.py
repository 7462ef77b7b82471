"""How many processes, threads and connections, and how much memory for Postgres, derived from the machine."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

# Of Django and of `retrieval.prepared`, one each.
_CONNECTIONS_PER_WEB_THREAD = 2
# Of the thread that keeps copies fresh.
_CONNECTIONS_BESIDE = 1
# Of the one process that leaves behind what is known, while it writes.
_CONNECTIONS_OF_ONE = 1


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
        per_process = (
            self.hot_pool + _CONNECTIONS_PER_WEB_THREAD * threads_for(self.threads) + _CONNECTIONS_BESIDE
        )
        return self.workers * per_process + _CONNECTIONS_OF_ONE


def threads_for(seats: int) -> int:
    """Of a web process: some answer, some wait, two refuse and say how the process is."""
    return 2 * seats + 2


def default_workers() -> int:
    """A process per core: a request is mostly Python, of which a process runs one thread at a time."""
    return cores()


def facts_cache_mb() -> int:
    """Of a web process: a fortieth of the machine, 250,000 items for each 5 GB, as there is a process per core."""
    return min(max(_memory_mb() // 40, 128), 2048)


def shared_buffers_mb() -> int:
    """Of the embedded Postgres: an eighth of the machine. A search of a million vectors touches thousands of pages;
    those outside are copied from the kernel's cache one by one."""
    return min(max(_memory_mb() // 8, 128), 8192)


def index_build_mb() -> int:
    """The most that the embedded Postgres may use to build an index over vectors: a quarter of the machine, and of
    what shared memory there is, where that is more than what `embedded.postgres` makes do without."""
    most = max(_memory_mb() // 4, 64)
    shared = Path("/dev/shm")  # noqa: S108  Linux's own name of it
    free_mb = shutil.disk_usage(shared).free // 1_048_576 if shared.exists() else 0
    return most if free_mb < SHARED_MEMORY_WANTED_MB else min(most, free_mb * 4 // 5)


# Where /dev/shm has less, as in many containers, Postgres is told to keep what its processes share elsewhere.
SHARED_MEMORY_WANTED_MB = 640


def _memory_mb() -> int:
    """Of the machine, or what the container may use of it."""
    total = int(psutil.virtual_memory().total)
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else ""
    return (min(total, int(text)) if text.isdecimal() else total) // 1_048_576

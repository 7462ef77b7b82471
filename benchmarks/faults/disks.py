"""A disk that is full: everything that the product keeps lies on a file system of its own, which is made as small as
what is on it. Needs the right to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from django.conf import settings  # noqa: TID251  where the servers are

from benchmarks.faults.product import Product
from benchmarks.faults.wholeness import NOTHING_MORE, Also

_SIZE_MB = 4096
_KB = 1024
_LOG_FILES = 20


@contextmanager
def own_disk(folder: Path) -> Iterator[bool]:
    """A file system in memory at `folder`, made if missing; False, and nothing done, where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m,mode=755", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            # What is still open on it goes with its last process.
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def has_own_disk(product: Product) -> bool:
    return product.var_dir.is_mount()


@contextmanager
def disk_full(product: Product) -> Iterator[Also]:
    """Not a page more for Postgres, the cache, the broker, the log or the metrics."""
    state = os.statvfs(product.var_dir)
    used_kb = (state.f_blocks - state.f_bfree) * state.f_frsize // _KB
    _resize(product.var_dir, f"{used_kb}k")
    _need_room()
    try:
        yield NOTHING_MORE
    finally:
        _resize(product.var_dir, f"{_SIZE_MB}m")
        # It gives up where it can't write its log; whoever runs it starts it again.
        product.start("postgres", "cache", "broker")


def _need_room() -> None:
    """Postgres has made some of its log's files ahead: so many writes as use them up, or until one fails."""
    with suppress(psycopg.Error), psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        for _ in range(_LOG_FILES):
            connection.execute("SELECT pg_logical_emit_message(true, 'disk', 'full')")
            connection.execute("SELECT pg_switch_wal()")


def _resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)

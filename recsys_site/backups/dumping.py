"""A backup: one file, as of one moment, while everything goes on."""

import os
from pathlib import Path

import psycopg

from recsys_site.backups.tools import run


def dump(file: Path, *, database_url: str) -> int:
    """How many bytes `file` has by now; it appears once it is whole and on disk. Raises BackupError, psycopg's errors.

    pg_dump reads in one transaction (repeatable read), so that every row is as of the moment it began.
    """
    unfinished = file.with_name(f".{file.name}.unfinished")
    with psycopg.connect(database_url) as connection:
        server = connection.info.server_version // 10_000
    try:
        # Owners and rights are the target's own matter.
        options = [
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--lock-wait-timeout=60s",
        ]
        _make_private(unfinished)
        run("pg_dump", [*options, f"--file={unfinished}"], database_url=database_url, server=server)
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def _make_private(file: Path) -> None:
    """It will hold all that is known of people, and hashes of keys and passwords."""
    file.unlink(missing_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

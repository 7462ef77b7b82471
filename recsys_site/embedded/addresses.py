"""Where the embedded servers answer: known before they run, so that settings need no running server."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A unix socket's path holds 103 bytes on macOS, 107 on Linux; Postgres appends `/.s.PGSQL.5432`.
_LONGEST_SOCKET_DIR = 85
# Anything else would be quoted differently by libpq, redis-py and kombu.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, slots=True)
class EmbeddedAddresses:
    socket_dir: Path
    database_url: str
    cache_url: str
    broker_url: str


def embedded_addresses(var_dir: Path) -> EmbeddedAddresses:
    """The URLs of the servers that keep their data under `var_dir`; distinct for each folder."""
    socket_dir = var_dir / "run"
    if len(os.fsencode(socket_dir)) > _LONGEST_SOCKET_DIR or not _PLAIN_PATH.fullmatch(str(socket_dir)):
        digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
        socket_dir = Path(tempfile.gettempdir()) / f"headwater-{digest}"
    return EmbeddedAddresses(
        socket_dir=socket_dir,
        database_url=f"postgresql://postgres@/headwater?host={socket_dir}",
        cache_url=f"unix://{socket_dir}/cache.sock?db=0",
        broker_url=f"redis+socket://{socket_dir}/broker.sock",
    )

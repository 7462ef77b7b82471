"""The product's own web server on the test's database, with a cache of its own that a test may kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
from django.conf import settings
from django.db import connection

from recsys_site.embedded import valkey
from recsys_site.embedded.addresses import EmbeddedAddresses


@dataclass(frozen=True, slots=True)
class Served:
    client: httpx.Client
    folder: Path  # short: a socket's path has 107 bytes
    first: "subprocess.Popen[bytes]"  # the process that listens

    def kill_web(self) -> None:
        """All that answer; the first process starts others."""
        below = psutil.Process(self.first.pid).children(recursive=True)
        processes = [process for process in below if not process.children()]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=30)

    def reload(self) -> None:
        """Its processes are replaced, one after the other; returns at once."""
        self.first.send_signal(signal.SIGHUP)

    def template(self) -> psutil.Process:
        """What forks those that answer."""
        return next(child for child in psutil.Process(self.first.pid).children() if child.children())

    def start_cache(self) -> None:
        valkey.start("cache", self.folder, addresses(self.folder))

    def kill_cache(self) -> None:
        os.kill(int((self.folder / "cache" / "pid").read_text()), signal.SIGKILL)


@contextmanager
def serving(folder: Path, key: str, *, workers: int = 1, **variables: str) -> Iterator[Served]:
    """A server that is ready, of so many processes, and a client with the key. `variables`: of its environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    valkey.start("cache", folder, addresses(folder))
    # Its log goes to a file: nobody would empty a pipe.
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "recsys_site.serving"],
            env=_environment(folder) | {"PORT": str(port), "WEB_WORKERS": str(workers)} | variables,
            stdout=log,
            stderr=log,
        )
        try:
            transport = httpx.HTTPTransport(retries=8)  # until the first process listens
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                headers={"authorization": f"Api-Key {key}"},
                transport=transport,
                timeout=30,
            ) as client:
                # The first question waits for a process; on a busy machine Postgres may be late for it.
                give_up_at = time.monotonic() + 100
                while client.get("/readyz", timeout=100).status_code != 200:
                    assert time.monotonic() < give_up_at, (folder / "log").read_text()
                    time.sleep(0.2)
                yield Served(client, folder, server)
        finally:
            server.terminate()
            server.wait(timeout=100)
            valkey.stop("cache", folder)


def addresses(folder: Path) -> EmbeddedAddresses:
    return EmbeddedAddresses(folder, settings.DATABASE_URL, f"unix://{folder}/cache.sock?db=0", "")


def _environment(folder: Path) -> dict[str, str]:
    database = urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {
        "DATABASE_URL": database.geturl(),
        "REDIS_URL": addresses(folder).cache_url,
        "BROKER_URL": settings.BROKER_URL,
        "VAR_DIR": str(folder / "var"),
        "DEADLINE_MS": "5000",
        "REDIS_TIMEOUT_MS": "2000",
    }

"""Starts a server on a free port, for as long as a block lasts: the product as it is served on this machine, or any
WSGI application in one process."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

# {port} and {threads} are filled in. The product's own is the first.
SERVERS = {
    "granian": "-m granian --interface wsgi --host 127.0.0.1 --workers 1 --no-log --port {port} "
    "--blocking-threads {threads}",
    "gunicorn": "-m gunicorn --worker-class gthread --workers 1 --bind 127.0.0.1:{port} --threads {threads} "
    "--log-level error --no-control-socket --keep-alive 60",
}


@contextmanager
def serving(
    application: str, probe: str, *, threads: int = 4, server: str = "granian", **environment: str
) -> Iterator[int]:
    """The port on which `application` answers `probe`; stopped at the end. Raises TimeoutError."""
    port = free_port()
    command = [*SERVERS[server].format(port=port, threads=threads).split(), application]
    with _running(command, environment, f"http://127.0.0.1:{port}{probe}"):
        yield port


@contextmanager
def serving_product(**environment: str) -> Iterator[int]:
    """The port on which the product answers under its own server, with as many processes as this machine has it run.
    Raises TimeoutError."""
    port = free_port()
    with tempfile.TemporaryDirectory() as figures:
        variables = {"PORT": str(port), "PROMETHEUS_MULTIPROC_DIR": figures} | environment
        with _running(["-m", "recsys_site.serving"], variables, f"http://127.0.0.1:{port}/readyz"):
            yield port


@contextmanager
def _running(command: list[str], environment: dict[str, str], probe: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, *command], env=os.environ | environment)
    try:
        _wait_for(probe)
        yield
    finally:
        process.terminate()
        process.wait(60)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def _wait_for(url: str, *, patience_s: float = 60) -> None:
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {patience_s} s.")

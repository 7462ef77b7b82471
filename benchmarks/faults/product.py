"""The whole product in a folder of its own; web, worker and beat reach Postgres and the cache through proxies."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import psutil

from benchmarks.faults.proxy import Proxy
from recsys_site.embedded.addresses import embedded_addresses
from recsys_site.embedded.processes import process_of
from recsys_site.embedded.services import start_services
from recsys_site.running import group
from recsys_site.running.answering import wait_until_ready

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
WEB_PROCESSES = 2
_POSTGRES_SOCKET = ".s.PGSQL.5432"
Server = Literal["postgres", "cache", "broker"]


@dataclass(frozen=True, slots=True)
class Product:
    """`var_dir`: where its servers keep their data; `key`: for clients."""

    var_dir: Path
    port: int
    key: str
    postgres: Proxy
    cache: Proxy

    def processes_of(self, server: Server) -> list[psutil.Process]:
        """The server and its children. Empty where it is down."""
        folder = self.var_dir / "postgres" if server == "postgres" else self.var_dir / "valkey" / server
        file = folder / ("postmaster.pid" if server == "postgres" else "pid")
        program = "postgres" if server == "postgres" else "valkey"
        main = process_of(file, program=program, folder=folder)
        return [] if main is None else [main, *main.children(recursive=True)]

    def start(self, *servers: Server) -> None:
        start_services(self.var_dir, servers)

    def web(self) -> psutil.Process:
        """The first process, which listens and answers nothing itself."""
        ours = self._serving()
        return next(process for process in ours.values() if process.ppid() not in ours)

    def web_processes(self) -> list[psutil.Process]:
        """Those that answer: a template, which the first process has started, forks them."""
        ours, first = self._serving(), self.web().pid
        templates = {pid for pid, process in ours.items() if process.ppid() == first}
        return [process for process in ours.values() if process.ppid() in templates]

    def _serving(self) -> dict[int, psutil.Process]:
        ours = group.members(self.var_dir)
        return {p.pid: p for p in ours if _runs(p, "python") and "recsys_site.serving" in _line(p).split()}

    def celery(self, word: str) -> list[psutil.Process]:
        """Celery's processes with that word among their arguments: `worker@%h`, `trainer@%h`, `beat`."""
        return [p for p in group.members(self.var_dir) if _runs(p, "celery") and word in _line(p).split()]


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@contextmanager
def running(
    var_dir: Path, key: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Product]:
    """Ready to answer; its servers run before and after. Raises RuntimeError where it does not get ready."""
    addresses = embedded_addresses(var_dir)
    doors = var_dir / "doors"
    doors.mkdir(mode=0o700, exist_ok=True)
    proxies = {
        name: Proxy(doors / name, addresses.socket_dir / name) for name in (_POSTGRES_SOCKET, "cache.sock")
    }
    log = var_dir / "headwater.log"
    port = _free_port()
    with log.open("wb") as stream, _environment(doors, addresses.broker_url, environment):
        process = group.start(
            var_dir,
            root=ROOT,
            host=HOST,
            port=port,
            workers=WEB_PROCESSES,
            threads=4,
            audience=False,
            log=stream,
        )
    try:
        if not wait_until_ready(HOST, port, still_starting=lambda: process.poll() is None, patience_s=120):
            raise RuntimeError(f"The product did not start; its log ends:\n{log.read_text()[-2000:]}")
        yield Product(var_dir, port, key, proxies[_POSTGRES_SOCKET], proxies["cache.sock"])
    finally:
        group.stop(var_dir)
        _reap(process)
        for proxy in proxies.values():
            proxy.close()


@contextmanager
def _environment(doors: Path, broker_url: str, more: Mapping[str, str]) -> Iterator[None]:
    """What the product's processes inherit; ours knows the servers themselves."""
    with _changed_variables(
        {
            "DATABASE_URL": f"postgresql://postgres@/headwater?host={doors}",
            "REDIS_URL": f"unix://{doors}/cache.sock?db=0",
            "BROKER_URL": broker_url,
            "DJANGO_SETTINGS_MODULE": "recsys_site.settings",
            **more,
        }
    ):
        yield


@contextmanager
def _changed_variables(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _reap(process: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)


def _runs(process: psutil.Process, program: str) -> bool:
    """False for the shell around it."""
    words = _line(process).split()
    return any(Path(word).name == program for word in words[:2])


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _free_port() -> int:
    with socket.socket() as s:
        s.bind((HOST, 0))
        port: int = s.getsockname()[1]
        return port

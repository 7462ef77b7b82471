"""The whole product in a folder of its own: its servers behind proxies, its processes under honcho as in `make run`."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import redis

from benchmarks.faults.proxy import Mode, Proxy
from benchmarks.servers import free_port
from recsys_site.embedded.addresses import EmbeddedAddresses, embedded_addresses
from recsys_site.embedded.services import start_services, stop_services
from recsys_site.running import group
from recsys_site.running.answering import wait_until_ready

ROOT = Path(__file__).resolve().parents[2]
_DATABASE = "headwater"


@dataclass(frozen=True, slots=True)
class Plant:
    """What runs: its folder, its doors and its key. Names of processes: web, worker, trainer, beat; of servers:
    postgres, cache, broker."""

    var_dir: Path
    port: int
    key: str
    proxies: dict[str, Proxy]

    @property
    def addresses(self) -> EmbeddedAddresses:
        return embedded_addresses(self.var_dir)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self, name: str) -> list[int]:
        """Of a server: its main process, then what it started. Of `web`: granian's workers, without their parent."""
        if name in ("cache", "broker"):
            return [int((self.var_dir / "valkey" / name / "pid").read_text())]
        if name == "postgres":
            return self._postgres()
        members = {p.pid: p for p in group.members(self.var_dir)}
        found = []
        for process in members.values():
            with suppress(psutil.Error):
                line = " ".join(process.cmdline())
                python = (
                    "python" in process.name() or "granian" in process.name() or "celery" in process.name()
                )
                if python and _says(name, line, process):
                    found.append(process.pid)
        return found

    def signal(self, name: str, number: signal.Signals, *, only_first: bool = False) -> None:
        for pid in self.pids(name)[: 1 if only_first else None]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def start_server(self, name: str) -> None:
        start_services(self.var_dir, (name,))

    def be(self, name: str, mode: Mode) -> None:
        self.proxies[name].be(mode)

    def broker(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self.addresses.socket_dir / "broker.sock"))

    def _postgres(self) -> list[int]:
        main = int((self.var_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        with suppress(psutil.Error):
            return [main, *(child.pid for child in psutil.Process(main).children(recursive=True))]
        return []


def _says(name: str, line: str, process: psutil.Process) -> bool:
    if name == "web":
        parent = process.parent()
        return (
            parent is not None and "granian" in " ".join(parent.cmdline()) and "resource_tracker" not in line
        )
    words = {"worker": "worker@", "trainer": "trainer@", "beat": " beat "}
    return words[name] in line and "until celery" not in line


@contextmanager
def plant(**settings: str) -> Iterator[Plant]:
    """The product, ready and under no load; everything ends with the block. Raises RuntimeError where it does not
    start."""
    # Short, because a socket's path has 107 bytes at most; open, because Postgres may be another user's.
    folder = Path(tempfile.mkdtemp(prefix="hwf", dir="/tmp"))
    folder.chmod(0o755)
    var_dir = folder / "var"
    proxies: dict[str, Proxy] = {}
    try:
        start_services(var_dir)
        sockets = embedded_addresses(var_dir).socket_dir
        proxies = {
            "postgres": Proxy(sockets / ".s.PGSQL.5432"),
            "cache": Proxy(sockets / "cache.sock"),
            "broker": Proxy(sockets / "broker.sock"),
        }
        environment = _environment(var_dir, proxies) | settings
        _manage(environment, "manage.py", "migrate", "-v", "0")
        key = _manage(environment, "-m", "benchmarks.faults.world").strip().splitlines()[-1]
        it = Plant(var_dir, free_port(), key, proxies)
        with _processes(it, environment):
            yield it
    finally:
        # What was stopped by a signal can't end.
        group.stop(var_dir, patience_s=10)
        for proxy in proxies.values():
            proxy.close()
        stop_services(var_dir)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _processes(it: Plant, environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    log = it.var_dir / "log" / "headwater.log"
    log.parent.mkdir(exist_ok=True)
    try:
        with log.open("ab") as stream:
            honcho = group.start(
                it.var_dir,
                root=ROOT,
                host="127.0.0.1",
                port=it.port,
                workers=2,
                threads=4,
                audience=False,
                log=stream,
            )
    finally:
        os.environ.clear()
        os.environ.update(before)
    if not wait_until_ready(
        "127.0.0.1", it.port, still_starting=lambda: honcho.poll() is None, patience_s=90
    ):
        raise RuntimeError(f"The product did not start: {log.read_text(errors='replace')[-3000:]}")
    _wait_for(lambda: len(it.pids("web")) == 2 and it.pids("worker") and it.pids("beat"))
    try:
        yield
    finally:
        if keep := os.environ.get("FAULTS_LOG"):
            shutil.copy(log, keep)


def _wait_for(condition: object, patience_s: float = 60) -> None:
    give_up_at = time.monotonic() + patience_s
    while not condition() and time.monotonic() < give_up_at:  # type: ignore[operator]
        time.sleep(0.2)


def _environment(var_dir: Path, proxies: dict[str, Proxy]) -> dict[str, str]:
    database = f"postgresql://postgres@127.0.0.1:{proxies['postgres'].port}/{_DATABASE}"
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | {
        "DATABASE_URL": f"{database}?sslmode=disable&gssencmode=disable",
        "REDIS_URL": f"redis://127.0.0.1:{proxies['cache'].port}/0",
        "BROKER_URL": f"redis://127.0.0.1:{proxies['broker'].port}/0",
        "VAR_DIR": str(var_dir),
        "DJANGO_SETTINGS_MODULE": "recsys_site.settings",
        # Of requests the machine can answer here: what is slow must be the fault's doing.
        "LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",
    }


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr[-3000:]}")
    return done.stdout

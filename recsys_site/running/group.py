"""The Procfile's processes under honcho: started, found again and stopped.

Every process of the group carries a mark in its environment, so that stopping finds all of them, also those
that a killed honcho left behind, and also from another terminal.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from recsys_site.embedded.processes import alive

MARK = "HEADWATER_GROUP"


def start(
    var_dir: Path,
    *,
    root: Path,
    host: str,
    port: int,
    workers: int,
    threads: int,
    audience: bool,
    log: IO[bytes] | None,
) -> subprocess.Popen[bytes]:
    """honcho's process, in a session of its own: a terminal's Ctrl-C reaches it through us alone.

    audience: with the demo's simulated one. `log` None: its lines go where ours go.
    """
    binaries = Path(sys.executable).parent
    environment = os.environ | {
        MARK: str(var_dir),
        "WEB_HOST": host,
        "WEB_WORKERS": str(workers),
        "WEB_THREADS": str(threads),
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(_empty(var_dir / "metrics")),
        # As root, Celery says at every start that it would rather not; this is a development machine.
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
    }
    # honcho's .env would reach these processes and no manage.py: one source of settings is enough.
    command = [str(binaries / "honcho"), "-e", os.devnull, "start", "-p", str(port)]
    if not audience:
        command += ["-c", "audience=0"]
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _empty(folder: Path) -> Path:
    """For the figures of web's processes: those of an earlier run would be added to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def members(var_dir: Path) -> list[psutil.Process]:
    """The living processes of the group that keeps its data under `var_dir`."""
    return [process for process in psutil.process_iter() if _mark(process) == str(var_dir)]


def stop(var_dir: Path, *, patience_s: float = 15) -> bool:
    """Ends the group, politely first; True where there was one."""
    group = members(var_dir)
    pids = {process.pid for process in group}
    for process in group:
        with suppress(psutil.NoSuchProcess):
            # honcho, which tells the others; or each of them, where honcho itself was killed.
            if process.ppid() not in pids:
                process.terminate()
    give_up_at = time.monotonic() + patience_s
    while left := members(var_dir):
        if time.monotonic() > give_up_at:
            for process in left:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        time.sleep(0.1)
    return bool(group)


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK) if alive(process) else None
    except (psutil.Error, OSError):
        return None  # gone, or somebody else's

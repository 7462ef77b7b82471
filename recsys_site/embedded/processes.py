"""Which process a pid file means: a crash leaves files behind, and the system gives their pids to others."""

import os
import time
from pathlib import Path

import psutil


def process_of(pid_file: Path, *, program: str, folder: Path) -> psutil.Process | None:
    """The living `program` at work in `folder` whose pid the file's first line holds.

    None where the file is absent or unreadable, or where the pid is dead, a zombie or another program's.
    """
    try:
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        ours = program in process.name() and os.path.samefile(process.cwd(), folder)
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if ours and alive(process) else None


def alive(process: psutil.Process) -> bool:
    """False for a zombie too: where nobody reaps them, as in a bare container, they stay for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(process: psutil.Process, patience_s: float) -> bool:
    """True once it has ended; False where it still runs after `patience_s`."""
    give_up_at = time.monotonic() + patience_s
    while alive(process):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True

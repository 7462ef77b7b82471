"""A folder with servers of its own for as long as a run lasts, and nothing left behind however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from benchmarks.faults.disks import own_disk
from recsys_site.embedded.services import start_services, stop_services
from recsys_site.running import group

# Those of the product that is broken are its own, whatever this machine has.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "PORT", "DJANGO_ENV")


def run_apart(module: str, *arguments: str) -> None:
    """Runs the module with a path for its Markdown and the arguments, then prints what it wrote there; the variable
    MARKDOWN says where that is kept."""
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="hwf") as scratch:
        var_dir = Path(scratch).resolve() / "var"
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        environment |= {"VAR_DIR": str(var_dir), "LOG_LEVEL": "WARNING"}
        with own_disk(var_dir):
            _run(
                var_dir,
                environment,
                module,
                Path(os.environ.get("MARKDOWN") or Path(scratch) / "report.md"),
                arguments,
            )


def _run(
    var_dir: Path, environment: Mapping[str, str], module: str, markdown: Path, arguments: Sequence[str]
) -> None:
    try:
        start_services(var_dir)
        command = [sys.executable, "-m", module, str(markdown), *arguments]
        subprocess.run(command, env=environment, check=True)
        print(markdown.read_text())
    finally:
        _wake_all(var_dir)
        group.stop(var_dir)
        stop_services(var_dir)


def _wake_all(var_dir: Path) -> None:
    """A run that was interrupted leaves stopped what it had stopped, and what is stopped doesn't end."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(var_dir):
                process.send_signal(signal.SIGCONT)
    for process in group.members(var_dir):
        process.send_signal(signal.SIGCONT)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt

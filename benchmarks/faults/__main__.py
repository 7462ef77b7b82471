"""`make test-faults [CASES=words] [ROUNDS=20] [JSON=path] [MARKDOWN=path]`: the whole product in a scratch folder,
broken in one way after the other under load. Prints what clients got, what was lost and how soon all was whole again.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psutil

from recsys_site.embedded.services import start_services, stop_services
from recsys_site.running import group

# Those of the product that is broken are its own, whatever this machine has.
_NOT_OURS = ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "PORT", "DJANGO_ENV")


def main() -> None:
    signal.signal(signal.SIGTERM, _interrupt)
    with tempfile.TemporaryDirectory(prefix="hwf") as scratch:
        var_dir = Path(scratch).resolve() / "var"
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        environment |= {"VAR_DIR": str(var_dir), "LOG_LEVEL": "WARNING"}
        try:
            start_services(var_dir)
            markdown = Path(os.environ.get("MARKDOWN") or Path(scratch) / "faults.md")
            _run("benchmarks.faults.run", str(markdown), *sys.argv[1:], environment=environment)
            print(markdown.read_text())
        finally:
            _wake_all(var_dir)
            group.stop(var_dir)
            stop_services(var_dir)


def _run(module: str, *arguments: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], env=environment, check=True)


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


if __name__ == "__main__":
    main()

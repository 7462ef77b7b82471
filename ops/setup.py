"""Makes `.venv` and installs what requirements*.txt pin, each file by its hash, torch alone without; returns at once
where nothing changed. What no file pins any more is taken out of it again.

Runs on a bare Python, before anything is installed: the standard library only.
"""

import fcntl
import hashlib
import json
import platform
import re
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
INSTALLED = ("requirements.txt", "requirements-tracing.txt", "requirements-dev.txt")
TORCH = "requirements-torch.txt"  # its hashes depend on where its build comes from
_OPTIONAL = ("requirements-ann.txt",)  # somebody may have installed it by hand
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
# What a CUDA build of torch brings along, each at the version that the build names.
_OF_CUDA = ("nvidia-", "cuda-", "triton")


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


def pinned(*files: str) -> dict[str, str]:
    """The version of each package that the files pin, by its normalised name."""
    found = (pin for file in files for pin in _PIN.findall((ROOT / file).read_text()))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def unpinned(installed: dict[str, str]) -> dict[str, str]:
    """Those of the installed, by normalised name, that no file pins to that version: pip itself aside, and what a CUDA
    build of torch needs."""
    pins = pinned(*INSTALLED, TORCH, *_OPTIONAL)
    return {
        name: version
        for name, version in installed.items()
        # A build's own mark, as in 2.13.0+cpu, is no other version.
        if version.partition("+")[0] != pins.get(name) and name != "pip" and not name.startswith(_OF_CUDA)
    }


def _install() -> int:
    """pip's exit status."""
    # Wheels alone: what builds itself runs foreign code, with tools that have no hash.
    hashed = ["--require-hashes", "--only-binary", ":all:"]
    files = [word for file in INSTALLED for word in ("-r", str(ROOT / file))]
    torch = ["-r", str(ROOT / TORCH)]
    if status := _pip("install", *hashed, *files) or _pip("install", "--no-deps", *torch):
        return status
    if others := [name for name in unpinned(_installed()) if not VENV.is_symlink()]:
        _say(f"Removing what is no longer pinned: {', '.join(others)}")
        _pip("uninstall", "--yes", *others)
    if _pip("check"):
        _say("This build of torch is for CUDA: what it needs comes without hashes")
        return _pip("install", *torch)
    return 0


def _installed() -> dict[str, str]:
    command = [str(PYTHON), "-m", "pip", "list", "--format", "json"]
    found = json.loads(subprocess.check_output(command))
    return {re.sub(r"[-_.]+", "-", one["name"]).lower(): one["version"] for one in found}


def _pip(*words: str) -> int:
    """pip's exit status; prints what it does, without a line for each of the many things already there."""
    command = [str(PYTHON), "-m", "pip", words[0], "--no-input", *words[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            if line.lstrip().startswith(_WORTH_SAYING):
                print(line, end="", flush=True)  # noqa: T201
    return pip.returncode


def _digest() -> str:
    content = b"\0".join(file.encode() + b"\0" + (ROOT / file).read_bytes() for file in (*INSTALLED, TORCH))
    return hashlib.sha256(content).hexdigest()


def _say(line: str) -> None:
    print(f"==> {line}", flush=True)  # noqa: T201  this is a command


if __name__ == "__main__":
    sys.exit(main())

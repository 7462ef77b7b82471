"""Compiles requirements*.in into requirements*.txt: every version, and the hash of every file of it on the index.

python3 ops/pins.py            what is pinned stays where requirements*.in still allow it
python3 ops/pins.py NAME ...   these packages become the newest that is allowed
python3 ops/pins.py all        all do
"""

import subprocess
import sys

from aside import ROOT, installed

# In this order: the later ones take the versions of the earlier ones.
PARTS = ("", "-tracing", "-dev", "-ann", "-fuzz", "-audit", "-pins")


def main(renewed: list[str]) -> int:
    """uv's exit status."""
    uv = installed("uv", "requirements-pins.txt")
    if uv is None:
        return 1
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
    options += ["--custom-compile-command", "make pins"]
    upgrades = ["--upgrade"] if renewed == ["all"] else [f"--upgrade-package={name}" for name in renewed]
    for name in (f"requirements{part}" for part in PARTS):
        command = [
            str(uv),
            "pip",
            "compile",
            f"{name}.in",
            "--output-file",
            f"{name}.txt",
            *options,
            *upgrades,
        ]
        if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

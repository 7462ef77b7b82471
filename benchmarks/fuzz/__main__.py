"""`make fuzz`: what schemathesis thinks of, sent with a real key to the real product on a database of its own.

[EXAMPLES=200] per operation; ARGS go to schemathesis, whose exit status this ends with.
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where this machine's run-time data lies

from benchmarks.scratch import scratch_environment  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
_REQUIREMENTS = ROOT / "requirements-fuzz.txt"
_RATE = "1000000/minute"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2, help="operations that are tried at once")
    options, more = parser.parse_known_args()
    environment = scratch_environment("fuzz") | {
        "SOURCE_THREADS": "16",
        "DEADLINE_MS": "5000",
        **{f"RATE_{scope}": _RATE for scope in ("READ", "EVENTS", "CATALOG", "ADMIN")},
    }
    schemathesis = _installed(Path(settings.VAR_DIR) / "fuzz-venv")
    asked = [
        str(schemathesis),
        "--max-examples",
        str(options.examples),
        "--workers",
        str(options.workers),
        *more,
    ]
    command = [sys.executable, "-m", "benchmarks.fuzz.serve", *asked]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode


def _installed(folder: Path) -> Path:
    """The command, installed where it is not: an environment of its own, so that it can't move the product's pins."""
    wanted = _REQUIREMENTS.read_text()
    stamp, command = folder / "installed.txt", folder / "bin" / "schemathesis"
    if not (command.exists() and stamp.exists() and stamp.read_text() == wanted):
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
        subprocess.run([*pip, "--only-binary", ":all:", "-r", str(_REQUIREMENTS)], check=True)
        stamp.write_text(wanted)
    return command


if __name__ == "__main__":
    sys.exit(main())

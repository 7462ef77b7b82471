"""Known holes in what .venv is installed with, by pip-audit: needs the network, and an index that tells of them.

Exits with 1 where a hole is known, and with 0 where nobody could look: it then says so, as the last thing it does.
"""

import json
import subprocess
import sys
from tempfile import NamedTemporaryFile
from typing import Any

from aside import installed
from setup import INSTALLED, TORCH, pinned

_TIMEOUT_S = "15"


def main() -> int:
    command = installed("pip-audit", "requirements-audit.txt")
    if command is None:
        return _did_not_look("pip-audit could not be installed")
    pins = pinned(*INSTALLED, TORCH)
    with NamedTemporaryFile("w", suffix=".txt") as asked:
        # Without hashes: pip-audit takes none where one is missing, as torch's is.
        asked.write("".join(f"{name}=={version}\n" for name, version in pins.items()))
        asked.flush()
        options = ["--no-deps", "--disable-pip", "--timeout", _TIMEOUT_S, "--progress-spinner", "off"]
        answer = subprocess.run(
            [str(command), *options, "-f", "json", "-r", asked.name],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except ValueError:
        return _did_not_look(f"no answer ({answer.stderr.strip().rpartition(chr(10))[2]})")
    return told(packages)


def told(packages: list[dict[str, Any]]) -> int:
    """The exit status; prints each hole, and what nobody answered for. packages: pip-audit's `dependencies`."""
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        return _did_not_look("the index knows nothing of holes")
    holes = [(package, hole) for package in packages for hole in package.get("vulns", [])]
    for package, hole in holes:
        mended = ", ".join(hole["fix_versions"]) or "nowhere yet"
        _say(f"{package['name']} {package['version']}: {hole['id']}, mended in {mended}")
    _say(f"audit: {len(packages) - len(unknown)} packages looked at, {len(holes)} known holes")
    if unknown:
        _say(f"audit: DID NOT LOOK at {', '.join(unknown)}: the index has no answer for these")
    return 1 if holes else 0


def _did_not_look(why: str) -> int:
    _say(f"audit: DID NOT LOOK for known holes: {why}. Run `make audit` where the network is.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  this is a command


if __name__ == "__main__":
    sys.exit(main())

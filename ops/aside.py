"""An environment of a tool's own below var/, so that what the tool needs can't move the product's pins.

Runs on a bare Python: the standard library only.
"""

import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def installed(tool: str, requirements: str) -> Path | None:
    """The tool's command, installed where it is not, from files whose hashes agree; None where pip can't (it says why).

    requirements: the name of a file at the top level.
    """
    folder, wanted = ROOT / "var" / f"{tool}-venv", (ROOT / requirements).read_text()
    stamp, command = folder / "installed.txt", folder / "bin" / tool
    if not (command.exists() and stamp.exists() and stamp.read_text() == wanted):
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--retries", "1"]
        options = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / requirements)]
        if subprocess.run(pip + options, check=False).returncode:
            return None
        stamp.write_text(wanted)
    return command

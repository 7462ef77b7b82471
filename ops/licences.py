"""Writes docs/licences.md: what the product is installed with, and under which licences, by the packages' own words.

.venv/bin/python ops/licences.py
"""

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-torch.txt", "requirements-tracing.txt")
_LONGEST = 60


def pinned() -> list[tuple[str, str]]:
    """(name, version) of all that the files pin for this platform, by name."""
    lines = "\n".join((ROOT / file).read_text() for file in FILES)
    pins = [Requirement(line) for line in re.findall(r"^[\w.-]+==[^\\\n]+", lines, re.MULTILINE)]
    found = {pin.name: str(pin.specifier)[2:] for pin in pins if pin.marker is None or pin.marker.evaluate()}
    return sorted(found.items())


def licence_of(name: str) -> str:
    """As the package says it: its expression, else its classifiers, else the first line of its text."""
    facts = distribution(name).metadata
    if "License-Expression" in facts:
        return facts["License-Expression"]
    kinds = [
        kind.rpartition(" :: ")[2]
        for kind in facts.get_all("Classifier") or []
        if kind.startswith("License ::")
    ]
    if named := ", ".join(kind for kind in kinds if kind != "OSI Approved"):
        return named
    text = " ".join(facts.get_all("License") or []).strip().splitlines()
    return text[0][:_LONGEST] if text else "not said; see the package"


def table() -> str:
    rows = [f"| {name} | {version} | {licence_of(name)} |" for name, version in pinned()]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows])


def main() -> None:
    parts = [
        "# Licences",
        "What the product needs to run, with all that this needs in turn, on Linux and Python 3.11. Made by "
        "`ops/licences.py` from what the packages say of themselves; make it anew when a pin changes.",
        table(),
    ]
    (ROOT / "docs" / "licences.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

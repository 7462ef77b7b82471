"""Writes docs/licences.md: what the product is installed with, and under which licences, by the packages' own words.

.venv/bin/python ops/licences.py
"""

import re
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-torch.txt", "requirements-tracing.txt")
_LONGEST = 60


def named_in(file: Path) -> list[str]:
    """The packages that the file pins, in its order."""
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [Requirement(line).name for line in lines if line and not line.startswith("-")]


def with_needs(names: list[str]) -> list[str]:
    """They and all that they need, as installed; each once, by name."""
    found: dict[str, str] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            needs = requires(name) or []
        except PackageNotFoundError:
            continue  # for another platform
        found[key] = name
        waiting += [need.name for need in map(Requirement, needs) if _applies(need)]
    return sorted(found)


def _applies(need: Requirement) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": ""})


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


def table(*files: str) -> str:
    names = with_needs([name for file in files for name in named_in(ROOT / file)])
    rows = [f"| {name} | {distribution(name).version} | {licence_of(name)} |" for name in names]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows])


def main() -> None:
    parts = [
        "# Licences",
        "What the product needs to run, with all that this needs in turn, on Linux and Python 3.11. Made by "
        "`ops/licences.py` from what the packages say of themselves; make it anew when a pin changes.",
        table(*FILES),
    ]
    (ROOT / "docs" / "licences.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""The table of licences names all that is pinned."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_pinned_package_has_its_licence_in_the_table():
    spec = importlib.util.spec_from_file_location("licences", ROOT / "ops" / "licences.py")
    assert spec is not None
    licences = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(licences)
    rows = re.findall(r"^\| ([\w.-]+) \| \S+ \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text(), re.M)
    told = dict(rows)

    pinned = {
        re.sub(r"[-_.]+", "-", name).lower()
        for file in licences.FILES
        for name in licences.named_in(ROOT / file)
    }
    assert pinned <= set(told), "run ops/licences.py"
    assert [name for name, licence in rows if "not said" in licence] == []

"""What the documentation says of the environment is what the settings read."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SET_BY_TOOLS = {"PYTEST_XDIST_WORKER"}


def test_every_variable_is_documented_and_every_documented_one_is_read():
    settings = "".join(path.read_text() for path in (ROOT / "recsys_site").glob("*settings.py"))
    read = set(re.findall(r"env\.\w+\(\s*[\"']([A-Z_]+)[\"']", settings)) | {"DJANGO_ENV"}
    tables = (ROOT / "docs" / "operations.md").read_text().partition("## Environment")[2]
    first_cells = re.findall(r"^\| (`[A-Z].*?) \|", tables, flags=re.MULTILINE)
    documented = {name for cell in first_cells for name in re.findall(r"`([A-Z_]+)`", cell)}

    assert documented == read - SET_BY_TOOLS

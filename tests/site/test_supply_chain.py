"""What is installed is what is pinned: each file by its hash, with its licence in the table."""

import re
import runpy
import sys
from importlib.metadata import distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "ops"))  # its programs run outside the product and import each other by name
SETUP, LICENCES, AUDIT = (
    runpy.run_path(str(ROOT / "ops" / f"{name}.py")) for name in ("setup", "licences", "audit")
)
sys.path.pop(0)
HASHED = sorted({file.name for file in ROOT.glob("requirements*.txt")} - {SETUP["TORCH"]})


def entries(text: str) -> list[str]:
    """What a file of requirements asks for, without comments and with its lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in lines.replace("\\\n", " ").splitlines() if line.strip()]


def without_hash(text: str) -> list[str]:
    pinned = re.compile(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}")
    return [entry for entry in entries(text) if not pinned.match(entry)]


@pytest.mark.parametrize("file", HASHED)
def test_every_pin_has_a_hash(file):
    assert entries((ROOT / file).read_text())
    assert without_hash((ROOT / file).read_text()) == []


def test_a_pin_without_a_hash_is_found_and_so_is_another_index():
    assert (
        without_hash(f"django==5.2.19 \\\n    --hash=sha256:{'a' * 64}\n    # via\n    #   -r x.in\n") == []
    )
    assert without_hash("# torch\ntorch==2.13.0\n-i somewhere\n") == ["torch==2.13.0", "-i somewhere"]


def test_torch_alone_stands_in_the_file_without_hashes_and_what_it_needs_in_one_with():
    assert list(SETUP["pinned"](SETUP["TORCH"])) == ["torch"]
    needs = {Requirement(need).name for need in requires("torch") or [] if "extra ==" not in need}
    # A CUDA build's own libraries come with it.
    libraries = {need for need in needs if need.startswith(SETUP["_OF_CUDA"])}
    assert needs - libraries <= set(SETUP["pinned"]("requirements.txt"))


def test_nothing_is_installed_that_no_file_pins():
    installed = {re.sub(r"[-_.]+", "-", one.name).lower(): one.version for one in distributions()}
    assert SETUP["unpinned"](installed) == {}, "`make setup` takes out what is not pinned"


def test_what_no_file_pins_is_found_by_name_and_by_version():
    django = SETUP["pinned"]("requirements.txt")["django"]
    assert SETUP["unpinned"]({"pip": "1", "django": django, "torch": "2.13.0+cpu"}) == {}
    assert SETUP["unpinned"]({"django": "5.2", "left-pad": "1"}) == {"django": "5.2", "left-pad": "1"}


def test_every_pinned_package_has_its_licence_in_the_table():
    rows = re.findall(
        r"^\| ([\w.-]+) \| (\S+) \| (.+) \|$", (ROOT / "docs" / "licences.md").read_text(), re.M
    )
    assert [(name, version) for name, version, _ in rows[1:]] == LICENCES["pinned"](), "run ops/licences.py"
    assert [name for name, _, licence in rows if "not said" in licence] == []


DJANGO = {"name": "django", "version": "5.2.19", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["5.2.20"]}
UNKNOWN = {"name": "six", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([DJANGO], 0, "1 packages looked at, 0 known holes"),
        ([DJANGO | {"vulns": [HOLE]}], 1, "django 5.2.19: PYSEC-1, mended in 5.2.20"),
        ([DJANGO, UNKNOWN], 0, "DID NOT LOOK at six"),
        ([UNKNOWN], 0, "DID NOT LOOK for known holes"),
    ],
)
def test_an_audit_fails_for_a_hole_and_says_what_it_did_not_look_at(packages, status, said, capsys):
    assert AUDIT["told"](packages) == status
    assert said in capsys.readouterr().out

"""What a snapshot says of itself, and where it lies: one folder each below the version's, `current.json` beside them.

<vector_snapshots_dir>/<table>/20261125T031000-4711/{index.faiss,items.i64}
<vector_snapshots_dir>/<table>/current.json
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.config import config
from retrieval.types import RetrievalError

FORMAT = 1
INDEX_FILE, ITEMS_FILE = "index.faiss", "items.i64"
_CURRENT = "current.json"


class SnapshotUnusable(RetrievalError):
    """There is no snapshot, or it is not what its manifest says, or not of what serves."""


@dataclass(frozen=True, slots=True)
class File:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """folder: its name; seen_before: of transactions from this number on not everything may be in it; origin: which
    table of which database it was read from; built_at: seconds since 1970."""

    format: int
    table: str
    version: int
    dim: int
    layout: str
    rows: int
    seen_before: str
    origin: str
    built_at: float
    build_s: float
    folder: str
    files: Mapping[str, File]


def folder_of(table: str) -> Path:
    return Path(config().vector_snapshots_dir) / table


def current_path(table: str) -> Path:
    return folder_of(table) / _CURRENT


def read_current(table: str) -> Manifest:
    """The newest snapshot's. Raises SnapshotUnusable, naming what to do."""
    path = current_path(table)
    try:
        said = json.loads(path.read_text())
        if said["format"] != FORMAT:
            raise SnapshotUnusable(f"{path} has format {said['format']}, not {FORMAT}: build it anew.")
        files = {name: File(**facts) for name, facts in said.pop("files").items()}
        return Manifest(**said, files=files)
    except FileNotFoundError as error:
        raise SnapshotUnusable(
            f"There is no snapshot of {table} on this machine: run `manage.py snapshot_vectors`."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise SnapshotUnusable(f"{path} can't be read ({error}): build it anew.") from error


def publish(manifest: Manifest) -> None:
    """Makes it the current one, in one step: a reader sees the old manifest or the new."""
    path = current_path(manifest.table)
    waiting = path.with_suffix(f".{os.getpid()}.json")
    waiting.write_text(json.dumps(asdict(manifest), indent=2))
    waiting.replace(path)


def described(path: Path) -> File:
    with path.open("rb") as file:
        return File(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def verify(manifest: Manifest) -> Path:
    """The folder, once each file's size and checksum agree. Reads all of it, which also brings it into memory. Raises
    SnapshotUnusable."""
    folder = folder_of(manifest.table) / manifest.folder
    for name, promised in manifest.files.items():
        try:
            found = described(folder / name)
        except OSError as error:
            raise SnapshotUnusable(f"{folder / name} can't be read: {error}") from error
        if found != promised:
            raise SnapshotUnusable(f"{folder / name} is not what was written: build it anew.")
    return folder

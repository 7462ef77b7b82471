"""Who was erased leaves the snapshots on this machine: their events, impressions and themselves."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from retrieval.config import config
from retrieval.models import ModelVersion
from retrieval.offline import pipeline
from retrieval.offline.forgetting import gone_among
from retrieval.offline.snapshot import file_facts
from retrieval.types import Ids

_OF_PEOPLE = ("users", "events", "impressions")
# What is built for longer than this was given up.
_BUILDING = dt.timedelta(days=1)


def forget_in_snapshots(now: dt.datetime) -> int | None:
    """How many rows of erased people were removed; None where a version that is being built still needs its
    snapshot as it is. Not to be run twice at once."""
    removed, waits = 0, False
    root = Path(config().snapshots_dir)
    versions = {str(version.id): version for version in ModelVersion.objects.all()}
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if not (folder / "manifest.json").exists():
            continue
        version = versions.get(folder.name)
        if version is not None and _is_built(version, now):
            waits = True
        else:
            removed += _forget(folder)
    return None if waits else removed


def _is_built(version: ModelVersion, now: dt.datetime) -> bool:
    under_way = version.state in (ModelVersion.State.BUILDING, ModelVersion.State.READY)
    finished = set(pipeline.STEPS) <= set(version.done_steps)
    return under_way and not finished and now - version.created_at < _BUILDING


def _forget(folder: Path) -> int:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    files = [folder / f"{name}.parquet" for name in _OF_PEOPLE if name in manifest["files"]]
    gone = gone_among(_people(files))
    if not len(gone):
        return 0
    removed = 0
    for path in files:
        facts = manifest["files"][path.stem]
        removed += _without(path, gone)
        manifest["files"][path.stem] = {**facts, **file_facts(path)}
    partial = folder / "manifest.json.partial"
    partial.write_text(json.dumps(manifest, indent=1))
    partial.replace(folder / "manifest.json")
    return removed


def _people(files: list[Path]) -> Ids:
    """int64 [n], ascending."""
    found: Ids = np.empty(0, np.int64)
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["user_id"]):
                found = np.union1d(found, pc.unique(batch.column(0)).to_numpy())
    return found


def _without(path: Path, gone: Ids) -> int:
    """Writes the file anew without these people's rows; how many they were."""
    partial, ids, removed = path.with_suffix(".partial"), pa.array(gone), 0
    with pq.ParquetFile(path) as file, pq.ParquetWriter(partial, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            left = batch.filter(pc.invert(pc.is_in(batch.column("user_id"), value_set=ids)))
            removed += len(batch) - len(left)
            writer.write_batch(left)
    partial.replace(path)
    return removed

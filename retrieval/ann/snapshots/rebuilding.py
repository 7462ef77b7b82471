"""When a machine's snapshot is to be built anew, and what of others it may forget."""

import shutil
import time
from pathlib import Path

from django.db import connection

from retrieval.ann.index import IndexUnavailable
from retrieval.ann.snapshots import changes
from retrieval.ann.snapshots.building import build_snapshot
from retrieval.ann.snapshots.manifest import Manifest, SnapshotUnusable, read_current
from retrieval.config import config
from retrieval.types import LiveModel

# Long before so many changed that the snapshot is given up.
_FULL = 0.5


def rebuild_if_due(model: LiveModel) -> Manifest | None:
    """The new snapshot; None where the one that is there will do. Raises BuildInProgress, IndexUnavailable."""
    _forget_dropped()
    if not why_due(model):
        return None
    return build_snapshot(model, layout=config().faiss_layout, threads=config().faiss_build_threads)


def why_due(model: LiveModel) -> str:
    """Why this machine's snapshot of the version is to be built anew; "" where it needn't."""
    try:
        manifest = read_current(model.vectors_table)
    except SnapshotUnusable as error:
        return str(error)
    if manifest.layout != config().faiss_layout:
        return f"FAISS_LAYOUT is {config().faiss_layout}, the snapshot's {manifest.layout}."
    try:
        return _outdated(manifest)
    except IndexUnavailable:
        # Its log of changes is gone; where the version's own table is, building says so.
        return f"The changes of {model.vectors_table} are not written down."


def _outdated(manifest: Manifest) -> str:
    _, origin = changes.now(manifest.table)
    if origin != manifest.origin:
        return f"{manifest.table} was made again since."
    changed = changes.count_since(manifest.table, manifest.seen_before)
    age_s = time.time() - manifest.built_at
    if changed > _FULL * config().faiss_most_changes or (changed and age_s > config().faiss_rebuild_s):
        return f"{changed:,} items changed in the {age_s / 3600:.1f} hours since."
    return ""


def _forget_dropped() -> None:
    """Removes the snapshots of versions that were retired."""
    root = Path(config().vector_snapshots_dir)
    tables = [path.name for path in root.glob("*/") if path.is_dir()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t FROM unnest(%s::text[]) AS t WHERE to_regclass(t) IS NULL", [tables])
        for (table,) in cursor.fetchall():
            shutil.rmtree(root / table, ignore_errors=True)

"""A snapshot as a process sees it: its files mapped into memory, so that the processes of a machine share the pages."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from retrieval.ann.snapshots.library import faiss
from retrieval.ann.snapshots.manifest import INDEX_FILE, ITEMS_FILE, Manifest, SnapshotUnusable, verify
from retrieval.types import Ids, LiveModel


@dataclass(frozen=True, slots=True)
class Opened:
    """index: FAISS's, whose place i holds item_ids[i]; item_ids: int64 [n], ascending."""

    manifest: Manifest
    index: Any
    item_ids: Ids


def open_snapshot(manifest: Manifest, model: LiveModel) -> Opened:
    """Raises SnapshotUnusable where it is damaged or of another version."""
    said = (manifest.version, manifest.dim, manifest.table)
    if said != (model.version, model.dim, model.vectors_table):
        raise SnapshotUnusable(f"The snapshot is of version {manifest.version}, not of {model.version}.")
    folder = verify(manifest)
    try:
        index = _mapped(str(folder / INDEX_FILE))
    except RuntimeError as error:
        raise SnapshotUnusable(f"FAISS can't read {folder / INDEX_FILE}: {error}") from error
    # A file of no bytes can't be mapped.
    item_ids = np.memmap(folder / ITEMS_FILE, np.int64, mode="r") if manifest.rows else np.empty(0, np.int64)
    if not len(item_ids) == index.ntotal == manifest.rows:
        raise SnapshotUnusable(
            f"{folder} holds {index.ntotal:,} vectors of {len(item_ids):,} items, not {manifest.rows:,}."
        )
    return Opened(manifest, index, item_ids)


def _mapped(path: str) -> Any:
    f = faiss()
    # What FAISS calls mmap maps inverted lists only, the other flag everything but those.
    index = f.read_index(path, f.IO_FLAG_MMAP_IFC)
    if not hasattr(index, "invlists"):
        return index
    index = f.read_index(path, f.IO_FLAG_MMAP | f.IO_FLAG_READ_ONLY)
    # It would start 32 threads for each search to read ahead: eight times the search itself where pages are in memory.
    f.downcast_InvertedLists(index.invlists).prefetch_nthread = 0
    return index

"""Snapshots of a version's vectors for FAISS, on this machine's disk, shared by its processes."""

from retrieval.ann.snapshots.building import BuildInProgress, build_snapshot
from retrieval.ann.snapshots.index import SnapshotIndex
from retrieval.ann.snapshots.layouts import LAYOUTS, Layout
from retrieval.ann.snapshots.manifest import Manifest, SnapshotUnusable, read_current
from retrieval.ann.snapshots.rebuilding import rebuild_if_due, why_due
from retrieval.ann.snapshots.serving import forget_snapshots, open_now, served_snapshot

__all__ = [
    "LAYOUTS",
    "BuildInProgress",
    "Layout",
    "Manifest",
    "SnapshotIndex",
    "SnapshotUnusable",
    "build_snapshot",
    "forget_snapshots",
    "open_now",
    "read_current",
    "rebuild_if_due",
    "served_snapshot",
    "why_due",
]

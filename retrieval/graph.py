"""Who likes what and what is tagged with what, as one graph of items and groups in the process: arrays, no objects."""

import threading
from dataclasses import dataclass
from typing import Self

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from safetensors.numpy import load, save
from scipy.sparse import csr_array

from retrieval import artifacts
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids, SourceTimeout

ARTIFACT = "graph"
Rows = NDArray[np.int64]
# The live version's, and that of the one before or after it.
_MOST = 2


@dataclass(frozen=True, slots=True)
class Graph:
    """Items on one side; on the other groups of them: people by what they like, tags. No edge has a weight.

    item_ids: int64 [n_items], ascending; the groups of item i: item_groups[item_starts[i]:item_starts[i + 1]], and
    the items of a group likewise. int32 throughout: what is compact is near.
    """

    item_ids: Ids
    item_starts: NDArray[np.int32]
    item_groups: NDArray[np.int32]
    group_starts: NDArray[np.int32]
    group_items: NDArray[np.int32]

    @classmethod
    def of(cls, item_ids: Ids, groups: csr_array) -> Self:
        """groups: [n_groups, n_items], anything but 0 where the group has the item."""
        by_item = csr_array(groups.T)
        return cls(
            item_ids,
            by_item.indptr.astype(np.int32),
            by_item.indices.astype(np.int32),
            groups.indptr.astype(np.int32),
            groups.indices.astype(np.int32),
        )

    def without_groups(self, gone: Rows) -> Self:
        """The same items without these groups; what only they had stays, and leads nowhere."""
        edges = np.ones(len(self.group_items), np.float32)
        shape = (len(self.group_starts) - 1, len(self.item_ids))
        groups = csr_array((edges, self.group_items, self.group_starts), shape)
        kept = np.setdiff1d(np.arange(shape[0]), gone)
        return self.of(self.item_ids, csr_array(groups[kept]))

    def packed(self) -> bytes:
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in self.__slots__}
        return save(arrays)

    @classmethod
    def unpacked(cls, body: bytes) -> Self:
        return cls(**load(body))


# Each with what was known of its last change before it was read: it is as new as that or newer.
_kept: dict[int, tuple[str, Graph]] = {}
_loading: dict[int, threading.Thread] = {}
_lock = threading.Lock()


def graph_of(version: int, *, deadline: Deadline, as_of: str = "") -> Graph:
    """The version's graph; read in the background at first, however long that takes, and again once `as_of`, when the
    version says that it last changed, has moved; until then the one before is served.

    Raises SourceTimeout where it isn't there at the deadline, ArtifactMissing where the version has none.
    """
    # What an open transaction wrote may be rolled back, and no other thread sees it.
    if sees_uncommitted():
        return Graph.unpacked(artifacts.read(version, ARTIFACT))
    kept = _kept.get(version)
    if kept is None or kept[0] < as_of:
        with _lock:
            thread = _loading.get(version)
            kept = _kept.get(version)
            if thread is None and (kept is None or kept[0] < as_of):
                arguments = (version, as_of)
                thread = _loading[version] = threading.Thread(target=_load, args=arguments, daemon=True)
                thread.start()
        if kept is None and thread is not None:
            thread.join(timeout=max(deadline.remaining_s(), 0))
            kept = _kept.get(version)
        if kept is None:
            raise SourceTimeout(f"The graph of version {version} is still being read.")
    return kept[1]


def _load(version: int, as_of: str) -> None:
    try:
        graph = Graph.unpacked(artifacts.read(version, ARTIFACT))
        with _lock:
            _kept[version] = (as_of, graph)
            for oldest in sorted(_kept)[:-_MOST]:
                del _kept[oldest]
    finally:
        connection.close()
        with _lock:
            _loading.pop(version, None)

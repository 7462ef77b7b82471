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

    def packed(self) -> bytes:
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in self.__slots__}
        return save(arrays)

    @classmethod
    def unpacked(cls, body: bytes) -> Self:
        return cls(**load(body))


_kept: dict[int, Graph] = {}
_loading: dict[int, threading.Thread] = {}
_lock = threading.Lock()


def graph_of(version: int, *, deadline: Deadline) -> Graph:
    """The version's graph; read in the background at first, however long that takes.

    Raises SourceTimeout where it isn't there at the deadline, ArtifactMissing where the version has none.
    """
    # What an open transaction wrote may be rolled back, and no other thread sees it.
    if sees_uncommitted():
        return Graph.unpacked(artifacts.read(version, ARTIFACT))
    if version not in _kept:
        with _lock:
            thread = _loading.get(version)
            if thread is None and version not in _kept:
                thread = _loading[version] = threading.Thread(target=_load, args=(version,), daemon=True)
                thread.start()
        if thread is not None:
            thread.join(timeout=max(deadline.remaining_s(), 0))
        if version not in _kept:
            raise SourceTimeout(f"The graph of version {version} is still being read.")
    return _kept[version]


def _load(version: int) -> None:
    try:
        graph = Graph.unpacked(artifacts.read(version, ARTIFACT))
        with _lock:
            _kept[version] = graph
            for oldest in sorted(_kept)[:-_MOST]:
                del _kept[oldest]
    finally:
        connection.close()
        with _lock:
            _loading.pop(version, None)

"""The version's graph of items, people and tags, for random walks."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from retrieval import artifacts
from retrieval.graph import ARTIFACT, Graph
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.snapshot import folder_of
from retrieval.towers.data import without_repeats
from retrieval.towers.groups import people, tags


def run(version_id: int) -> dict[str, Any]:
    """Keeps the graph with the version; how many items, groups and edges it has."""
    graph = graph_from(read_snapshot(folder_of(version_id)))
    artifacts.save(version_id, ARTIFACT, graph.packed())
    return {
        "items": len(graph.item_ids),
        "groups": len(graph.group_starts) - 1,
        "edges": len(graph.group_items),
    }


def graph_from(arrays: SnapshotArrays) -> Graph:
    """Active items; people by their newest likes, without their ids; tags that several items have and not too many."""
    data = without_repeats(arrays.data)
    groups = csr_array(vstack([people(data), tags(data)[1]]))
    active = np.flatnonzero(arrays.active)
    kept = csr_array(groups[:, active])
    return Graph.of(data.item_ids[active], csr_array(kept[np.flatnonzero(np.diff(kept.indptr))]))

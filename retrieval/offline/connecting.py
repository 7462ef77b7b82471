"""The version's graph of items, people and tags, for random walks."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from retrieval.graph import Graph
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.forgetting import keep_graph
from retrieval.offline.snapshot import folder_of
from retrieval.towers.data import without_repeats
from retrieval.towers.groups import people, tags
from retrieval.types import Ids


def run(version_id: int) -> dict[str, Any]:
    """Keeps the graph with the version; how many items, groups and edges it has."""
    graph, people_ids = graph_from(read_snapshot(folder_of(version_id)))
    keep_graph(version_id, graph, people_ids)
    return {
        "items": len(graph.item_ids),
        "groups": len(graph.group_starts) - 1,
        "edges": len(graph.group_items),
    }


def graph_from(arrays: SnapshotArrays) -> tuple[Graph, Ids]:
    """(active items; people by their newest likes, without their ids; tags that several items have and not too many.
    The ids of these people, whose groups come first)."""
    data = without_repeats(arrays.data)
    groups = csr_array(vstack([people(data), tags(data)[1]]))
    active = np.flatnonzero(arrays.active)
    kept = csr_array(groups[:, active])
    linked = np.flatnonzero(np.diff(kept.indptr))
    return Graph.of(data.item_ids[active], csr_array(kept[linked])), arrays.user_ids[
        linked[linked < data.n_users]
    ]

"""The version's graph of items, people and tags, for random walks."""

from collections import defaultdict
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from retrieval import artifacts
from retrieval.graph import ARTIFACT, Graph
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.snapshot import folder_of
from retrieval.towers.data import TrainingData, without_repeats

# Who likes more than that leads anywhere (the paper prunes its boards for that), and costs memory in every process.
_NEWEST_PER_USER = 300
# A tag of more items says too little of each; of one item it leads nowhere.
_LEAST_TAGGED, _MOST_TAGGED = 2, 1_000


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
    groups = csr_array(vstack([_people(data), _tags(data)]))
    active = np.flatnonzero(arrays.active)
    kept = csr_array(groups[:, active])
    return Graph.of(data.item_ids[active], csr_array(kept[np.flatnonzero(np.diff(kept.indptr))]))


def _people(data: TrainingData) -> csr_array:
    from_end = data.user_bounds()[1:][data.user_index] - np.arange(len(data))
    return data.select((data.weight > 0) & (from_end <= _NEWEST_PER_USER)).liked()


def _tags(data: TrainingData) -> csr_array:
    tagged: defaultdict[str, list[int]] = defaultdict(list)
    for item, tags in enumerate(data.tags):
        for tag in set(tags):
            tagged[tag].append(item)
    rows = [items for items in tagged.values() if _LEAST_TAGGED <= len(items) <= _MOST_TAGGED]
    starts = np.cumsum([0, *(len(items) for items in rows)])
    columns = np.concatenate([np.empty(0, np.int64), *(np.array(items, np.int64) for items in rows)])
    return csr_array((np.ones(len(columns), np.float32), columns, starts), (len(rows), data.n_items))

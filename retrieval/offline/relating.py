"""What is liked together, as the version's table of related items."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from retrieval.models import ModelVersion
from retrieval.offline import related_table
from retrieval.offline.arrays import SnapshotArrays, read_snapshot
from retrieval.offline.ridge import NEIGHBORS, regularization_for, relate
from retrieval.offline.snapshot import folder_of
from retrieval.towers.data import TrainingData, without_repeats

# Who likes everything says little of what belongs together, and costs its square.
_NEWEST_PER_USER = 1000
WEIGHT_POWER = 0.5


def run(version_id: int) -> dict[str, Any]:
    """Makes the table anew; what is in it."""
    version = ModelVersion.objects.get(id=version_id)
    return relate_items(read_snapshot(folder_of(version_id)), version.related_table)


def relate_items(arrays: SnapshotArrays, table: str) -> dict[str, Any]:
    """Fills `table` with the active items that are liked together; its sizes."""
    liked = _liked(without_repeats(arrays.data))
    related = relate(liked, targets=arrays.active)
    rows = related_table.write(table, arrays.data.item_ids, related)
    return {
        "rows": rows,
        "pairs": int(related.nnz),
        "neighbors": NEIGHBORS,
        "regularization": round(regularization_for(liked), 1),
    }


def _liked(data: TrainingData) -> csr_array:
    """float32 [n_users, n_items]: the root of each like's weight, 1 for the average one."""
    from_end = data.user_bounds()[1:][data.user_index] - np.arange(len(data))
    data = data.select((data.weight > 0) & (from_end <= _NEWEST_PER_USER))
    mean = float(data.weight.mean()) if len(data) else 1.0
    values = ((data.weight / mean) ** WEIGHT_POWER).astype(np.float32)
    return csr_array((values, (data.user_index, data.item_index)), (data.n_users, data.n_items))

"""Several tasks in one training: each type of event is found with a weight of its own, or is to rank low."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from retrieval.towers.config import InvalidTowerConfig
from retrieval.towers.data import TrainingData

Floats = NDArray[np.float32]


def check_tasks(data: TrainingData, tasks: Mapping[str, float]) -> None:
    """Raises InvalidTowerConfig for a type without events, and for one whose weight in the catalogue says the opposite.

    data: events as they happened, each of one kind.
    """
    for name, weight in tasks.items():
        if name not in data.kind_names:
            known = ", ".join(data.kind_names) or "none"
            raise InvalidTowerConfig(f"tasks: no event of type {name!r} to learn from; there are {known}.")
        own = data.weight[data.kinds == 1 << data.kind_names.index(name)]
        if weight * float(own.sum()) < 0:
            raise InvalidTowerConfig(
                f"tasks: {name} is {weight}, but its type's weight in the catalogue has the other sign."
            )


def task_weights(data: TrainingData, rows: NDArray[np.int64], tasks: Mapping[str, float]) -> Floats:
    """float32 [rows]: how much each event counts; 0 where no task names its types.

    A task's weight is shared among its events of these, so that a rare type counts for as much as its weight says:
    what comes out is a weighted sum of the tasks' mean losses. Of what is disliked the tasks below 0 count, of the
    rest those above.
    """
    shares = data.dwell_share[rows] if len(data.dwell_share) else np.ones(len(rows), np.float32)
    liked, kinds = data.weight[rows] > 0, data.kinds[rows]
    total = sum(weight for weight in tasks.values() if weight > 0)
    weights = np.zeros(len(rows))
    for name, weight in tasks.items():
        of_task = (kinds >> data.kind_names.index(name) & 1 == 1) & (liked == (weight > 0))
        base = shares * of_task
        weights += abs(weight) / total * base / max(float(base.sum()), 1e-12)
    return weights.astype(np.float32)

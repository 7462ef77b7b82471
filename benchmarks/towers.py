"""What each option of the towers brings: the same data, seed and users with one option at a time, in one process.

    python -m benchmarks.towers DATA [--only CASE ...] [--seed N]

Without a database, so that a training is measured and nothing else: the given split, every item that the user does
not have yet, inner products of exact vectors.
"""

import argparse
import os
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from benchmarks.datasets import DataSet, read_dataset  # noqa: E402
from benchmarks.loading import WEIGHTS, items_of, users_of  # noqa: E402
from benchmarks.ranking import Scorer, rank  # noqa: E402
from retrieval.encoder import UserEncoder  # noqa: E402
from retrieval.evaluation import metrics  # noqa: E402
from retrieval.offline.user_vectors import encode_users  # noqa: E402
from retrieval.towers.config import TowerConfig  # noqa: E402
from retrieval.towers.data import TrainingData, without_repeats  # noqa: E402
from retrieval.towers.train import TrainedTowers, train  # noqa: E402

_DEPTHS = (20, 100)
# Where the whole catalogue competes nothing is drawn, so what is drawn is measured with fewer.
_FEW = 512
CASES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "pinsage": {"neighbors": 50},
    "few negatives": {"negatives": _FEW},
    "few, a fifth hard": {"negatives": _FEW, "negative_shares": {"uniform": 0.8, "hard": 0.2}},
    "few, a fifth by walk ranks": {"negatives": _FEW, "negative_shares": {"uniform": 0.8, "walk": 0.2}},
    "a fifth by walk ranks": {"negative_shares": {"uniform": 0.8, "walk": 0.2}},
    "tasks": {"tasks": {"like": 1.0, "view": 0.3}},
    "tasks, dislike refused": {"tasks": {"like": 1.0, "view": 0.3, "dislike": -0.1}},
    "example age": {"example_age": True},
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", choices=list(CASES))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    data = read_dataset(options.folder)
    training = training_data(data)
    reference: dict[int, NDArray[np.float64]] = {}
    for name in options.only or CASES:
        settings = {**CASES[name], "seed": options.seed}
        if unknown := set(settings.get("tasks", {})) - set(training.kind_names):
            print(f"{name}: {data.name} has no events of type {', '.join(sorted(unknown))}")
            continue
        started = time.perf_counter()
        trained = train(training, TowerConfig.for_data(len(training), exact=True).overridden(settings))
        recalls = recalls_of(data, training, trained)
        reference = reference or recalls
        figures = [
            f"@{k} {recall.mean():.4f}{_change(recall, reference[k])}" for k, recall in recalls.items()
        ]
        passes, parity = trained.report["best_pass"], trained.report["export_parity"]
        seconds = time.perf_counter() - started
        print(f"{name:28}", *figures, f"{passes} passes, parity {parity:.0e}, {seconds:.0f} s", flush=True)


def training_data(data: DataSet) -> TrainingData:
    """The events of train as a snapshot would hold them, users and items in the order of the data set's ids."""
    types = dict(import_module("catalog.migrations.0002_partitioned_interactions").TYPES)
    names = np.unique(data.train.types).tolist()
    weights = {name: types.get(name, WEIGHTS.get(name, 1.0)) for name in names}
    order = np.lexsort((data.train.occurred_at_s, data.train.user_index))
    items = {item.external_id: item for item in items_of(data)}
    known = [items.get(item_id) for item_id in data.item_ids.tolist()]
    return TrainingData(
        user_index=data.train.user_index[order].astype(np.int32),
        item_index=data.train.item_index[order].astype(np.int32),
        weight=np.array([weights[name] for name in data.train.types[order].tolist()], np.float32),
        occurred_at_s=data.train.occurred_at_s[order],
        kinds=1 << np.searchsorted(names, data.train.types[order]),
        kind_names=names,
        n_users=data.shape[0],
        item_ids=np.arange(data.shape[1]),
        tags=[(item and item.tags) or () for item in known],
        category=[(item and item.category) or "" for item in known],
        title=[(item and item.title) or "" for item in known],
        age_group=[user.age_group or "" for user in users_of(data)],
        location=[user.location or "" for user in users_of(data)],
    )


def recalls_of(
    data: DataSet, training: TrainingData, trained: TrainedTowers
) -> dict[int, NDArray[np.float64]]:
    """By depth: the recall of each user with something to find."""
    truth = data.truth[data.users]
    judged = metrics.judge(rank(_scorer(data, training, trained), data, depth=max(_DEPTHS)), truth)
    return {k: metrics.recall(judged, k) for k in _DEPTHS}


def _scorer(data: DataSet, training: TrainingData, trained: TrainedTowers) -> Scorer:
    encoder = UserEncoder.from_artifact(trained.user_artifact)
    once, now_s = without_repeats(training), int(data.cutoff.timestamp())
    return lambda users: (
        encode_users(encoder, once, trained.history_vectors, users, now_s=now_s) @ trained.item_vectors.T
    )


def _change(recall: NDArray[np.float64], reference: NDArray[np.float64]) -> str:
    """Against the first case, with twice the standard error of the users' differences."""
    difference = recall - reference
    if not difference.any():
        return ""
    return f" ({difference.mean():+.4f} ± {2 * difference.std(ddof=1) / np.sqrt(len(difference)):.4f})"


if __name__ == "__main__":
    main()

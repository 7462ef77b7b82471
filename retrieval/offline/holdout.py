"""Whether a recipe of training is as good as what serves, on events that neither has seen.

The version itself learns from everything before its cutoff, so nothing is left to test it on. Therefore the same
recipe is trained once more without the newest events, and that trial is compared with the live version on them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval import artifacts
from retrieval.ann.exact import ExactIndex
from retrieval.ann.index import Vectors
from retrieval.encoder import UserEncoder
from retrieval.models import ModelVersion
from retrieval.offline.arrays import SnapshotArrays
from retrieval.offline.training import train_towers
from retrieval.offline.user_vectors import encode_users, pairs
from retrieval.towers.data import TrainingData, without_repeats
from retrieval.types import Ids

NEWEST_SHARE = 0.1
FEWEST_USERS = 100
MOST_USERS = 5_000
K = 100
_USERS_PER_BLOCK = 512
_IDS_PER_QUERY = 20_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """Recall@100 per user, float64 [n]: of the trial and of the live version, on the same events."""

    trial: NDArray[np.float64]
    live: NDArray[np.float64]

    def is_worse(self) -> bool:
        """True where the trial is behind by more than chance explains (one-sided, 95 %)."""
        difference = self.trial - self.live
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        return bool(difference.mean() + 1.645 * error < 0)


@dataclass(frozen=True, slots=True)
class _Holdout:
    """What is known before the holdout begins, and what each user newly liked in it."""

    known: TrainingData  # one event per user and item
    active: NDArray[np.bool_]  # [n_items]
    start_s: int
    truth: dict[int, NDArray[np.int64]]  # user -> item indices


@dataclass(frozen=True, slots=True)
class _Model:
    """One version over the snapshot's items; NaN rows where it does not know the item."""

    encoder: UserEncoder
    vectors: Vectors
    history: Vectors


def compare(arrays: SnapshotArrays, version: ModelVersion, live: ModelVersion) -> Comparison | None:
    """None where too few users did something new since the live version's cutoff."""
    start_s = _start_s(arrays.data, live)
    past = arrays.before(start_s)
    known = without_repeats(past.data)
    holdout = _Holdout(known, arrays.active, start_s, _truth(arrays.data, known, start_s))
    if len(holdout.truth) < FEWEST_USERS:
        return None
    trained = train_towers(past, version)
    encoder = UserEncoder.from_artifact(trained.user_artifact)
    trial = _Model(encoder, trained.item_vectors, trained.history_vectors)
    return Comparison(_recall(trial, holdout), _recall(_live(live, arrays.data.item_ids), holdout))


def _start_s(data: TrainingData, live: ModelVersion) -> int:
    """Where the holdout begins: the newest tenth of the events, and nothing that the live version saw."""
    newest = np.quantile(data.occurred_at_s, 1 - NEWEST_SHARE, method="higher")
    return max(int(newest), int(live.cutoff.timestamp()))


def _truth(data: TrainingData, known: TrainingData, start_s: int) -> dict[int, NDArray[np.int64]]:
    """What users with a history newly liked, by user; a sample where they are many."""
    new = (data.occurred_at_s >= start_s) & (data.weight > 0)
    wanted = np.setdiff1d(_keys(data)[new], _keys(known))
    wanted = wanted[np.isin(wanted // data.n_items, known.user_index)]
    users = np.unique(wanted // data.n_items)
    if len(users) > MOST_USERS:
        users = np.sort(np.random.default_rng(0).choice(users, MOST_USERS, replace=False))
    starts = np.searchsorted(wanted, users * data.n_items)
    ends = np.searchsorted(wanted, (users + 1) * data.n_items)
    spans = zip(users.tolist(), starts, ends, strict=True)
    return {user: wanted[start:end] % data.n_items for user, start, end in spans}


def _keys(data: TrainingData) -> NDArray[np.int64]:
    return data.user_index.astype(np.int64) * data.n_items + data.item_index


def _live(live: ModelVersion, item_ids: Ids) -> _Model:
    """The serving version as its table has it."""
    index = ExactIndex(live.vectors_table)
    vectors = np.full((len(item_ids), live.dim), np.nan, np.float32)
    history = vectors.copy()
    for start in range(0, len(item_ids), _IDS_PER_QUERY):
        part = item_ids[start : start + _IDS_PER_QUERY]
        ids, rows = index.item_vectors(part, deadline=None)
        vectors[np.searchsorted(item_ids, ids)] = rows
        ids, rows = index.history_vectors(part, deadline=None)
        history[np.searchsorted(item_ids, ids)] = rows
    return _Model(
        UserEncoder.from_artifact(artifacts.load(live.id, artifacts.USER_ENCODER)), vectors, history
    )


def _recall(model: _Model, holdout: _Holdout) -> NDArray[np.float64]:
    """Recall@100 of each user, over all active items that she does not have yet."""
    users = np.array(list(holdout.truth), np.int64)
    found: list[float] = []
    for start in range(0, len(users), _USERS_PER_BLOCK):
        block = users[start : start + _USERS_PER_BLOCK]
        encoded = encode_users(model.encoder, holdout.known, model.history, block, now_s=holdout.start_s)
        scores = encoded @ model.vectors.T
        scores[np.isnan(scores)] = -np.inf
        scores[:, ~holdout.active] = -np.inf
        scores[pairs(holdout.known, block)] = -np.inf
        k = min(K, scores.shape[1])
        top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        blocks = zip(block.tolist(), top, strict=True)
        found += [float(np.isin(holdout.truth[user], items).mean()) for user, items in blocks]
    return np.array(found)

"""How far the numpy encoders of an export are from the towers they came from: a gate of promotion."""

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.encoder import ItemEncoder, UserEncoder
from retrieval.towers.batches import read_all, sparse_rows
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.features import UserTokens, as_torch
from retrieval.towers.network import Towers

_SAMPLE = 256


@torch.no_grad()
def export_parity(
    towers: Towers,
    data: TrainingData,
    config: TowerConfig,
    tokens: UserTokens,
    *,
    user_artifact: bytes,
    item_artifact: bytes,
) -> float:
    """The largest absolute difference in any coordinate of a sample of users and of items without an id."""
    rng = np.random.default_rng(config.seed)
    users = np.sort(rng.permutation(data.n_users)[:_SAMPLE])
    items = np.sort(rng.permutation(data.n_items)[:_SAMPLE])
    return max(
        _users(towers, data, tokens, UserEncoder.from_artifact(user_artifact), users),
        _items(towers, data, ItemEncoder.from_artifact(item_artifact), items),
    )


def _users(
    towers: Towers,
    data: TrainingData,
    tokens: UserTokens,
    encoder: UserEncoder,
    users: NDArray[np.int64],
) -> float:
    _, history = towers.items()
    rows, shares = read_all(data, encoder.pooling, limit=encoder.manifest["history_limit"])
    mine = np.isin(data.user_index[rows], users)
    rows, shares = rows[mine], shares[mine]
    place = np.searchsorted(users, data.user_index[rows])
    item_index = data.item_index[rows].astype(np.int64)
    read = as_torch(sparse_rows(place, item_index, shares, (len(users), data.n_items)))
    in_torch = towers.users(read, history, tokens.of(users)).numpy()
    profiles = data.profiles()
    in_numpy = [
        encoder.encode(
            history.numpy()[item_index[place == row]],
            data.weight[rows[place == row]],
            _ages(data, rows[place == row]),
            profiles[user],
        )
        for row, user in enumerate(users.tolist())
    ]
    return float(np.abs(in_torch - np.stack(in_numpy)).max())


def _ages(data: TrainingData, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    times = data.occurred_at_s[rows]
    ages: NDArray[np.float32] = (times.max(initial=0) - times).astype(np.float32)
    return ages


def _items(towers: Towers, data: TrainingData, encoder: ItemEncoder, items: NDArray[np.int64]) -> float:
    vectors, history = towers.as_new()
    features = data.item_features()
    from_content, history_from_content = encoder.encode([features[item] for item in items.tolist()])
    return float(
        max(
            np.abs(vectors.numpy()[items] - from_content).max(),
            np.abs(history.numpy()[items] - history_from_content).max(),
        )
    )

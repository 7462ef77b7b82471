"""How well the towers find each user's newest events from the earlier ones."""

import numpy as np
import torch

from retrieval.towers.batches import read_all, sparse_rows
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.network import Towers


def held_out(data: TrainingData, *, share: float) -> tuple[TrainingData, TrainingData]:
    """(learned, validation): the newest share of each user's events is held out."""
    bounds = data.user_bounds()
    sizes = np.diff(bounds)
    from_end = bounds[1:][data.user_index] - np.arange(len(data))
    newest = from_end <= np.floor(sizes * share)[data.user_index]
    return data.select(~newest), data.select(newest & (data.weight > 0))


@torch.no_grad()
def recall(
    towers: Towers,
    learned: TrainingData,
    validation: TrainingData,
    config: TowerConfig,
    *,
    k: int,
    chunk: int = 1024,
) -> float:
    """Mean over users of the share of their held-out items among the first k that they don't have yet."""
    vectors, history = towers.items()
    rows, shares = read_all(learned, config.pooling, limit=config.history_limit)
    row_user = learned.user_index[rows]
    users = np.unique(validation.user_index)
    found = []
    for first in range(0, len(users), chunk):
        block = users[first : first + chunk]
        mine = np.isin(row_user, block)
        row = np.searchsorted(block, row_user[mine])
        item = learned.item_index[rows[mine]].astype(np.int64)
        read = sparse_rows(row, item, torch.from_numpy(shares[mine]), (len(block), learned.n_items))
        scores = towers.users(read, history, towers.profile_bags.to_dense()[block]) @ vectors.T
        known = np.isin(learned.user_index, block)
        scores[np.searchsorted(block, learned.user_index[known]), learned.item_index[known]] = -torch.inf
        top = scores.topk(min(k, learned.n_items), dim=1).indices.numpy()
        wanted = np.isin(validation.user_index, block)
        hit_row = np.searchsorted(block, validation.user_index[wanted])
        hits = (top[hit_row] == validation.item_index[wanted][:, None]).any(axis=1)
        found.append(np.bincount(hit_row, hits, len(block)) / np.bincount(hit_row, minlength=len(block)))
    return float(np.concatenate(found).mean()) if found else 0.0

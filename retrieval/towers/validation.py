"""How well the towers find events that they did not learn from."""

import numpy as np
import torch

from retrieval.towers.batches import read_all, sparse_rows
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.features import UserTokens, as_torch
from retrieval.towers.network import Towers


def held_out(data: TrainingData, *, share: float, by: str = "newest") -> tuple[TrainingData, TrainingData]:
    """(learned, validation): the newest share is held out, of each user's events or, by "time", of all together.

    By time nothing is learned that happened after what is to be found, but who came late is not judged at all.
    """
    if by == "time":
        newest = data.occurred_at_s > np.quantile(data.occurred_at_s, 1 - share)
    else:
        bounds = data.user_bounds()
        # Of events at one moment none is the newest: chance decides, not the order of their ids.
        chance = np.random.default_rng(0).random(len(data))
        order = np.lexsort((chance, data.occurred_at_s, data.user_index))
        from_end = np.empty(len(data), np.int64)
        from_end[order] = bounds[1:][data.user_index] - np.arange(len(data))
        newest = from_end <= np.floor(np.diff(bounds) * share)[data.user_index]
    return data.select(~newest), data.select(newest & (data.weight > 0))


@torch.no_grad()
def recall(
    towers: Towers,
    learned: TrainingData,
    validation: TrainingData,
    tokens: UserTokens,
    config: TowerConfig,
    *,
    k: int,
    chunk: int = 1024,
    most_users: int = 10_000,
) -> float:
    """Mean over users of the share of their held-out items among the first k that they don't have yet.

    Of at most so many users, the same ones each time, who have learned events.
    """
    vectors, history = towers.items()
    rows, shares = read_all(learned, config.pooling, limit=config.history_limit)
    row_user = learned.user_index[rows]
    users = np.intersect1d(validation.user_index, learned.user_index)
    if len(users) > most_users:
        users = np.sort(np.random.default_rng(config.seed).permutation(users)[:most_users])
    found = []
    for first in range(0, len(users), chunk):
        block = users[first : first + chunk]
        mine = np.isin(row_user, block)
        row = np.searchsorted(block, row_user[mine])
        item = learned.item_index[rows[mine]].astype(np.int64)
        read = as_torch(sparse_rows(row, item, shares[mine], (len(block), learned.n_items)))
        scores = towers.users(read, history, tokens.of(block.astype(np.int64))) @ vectors.T
        known = np.isin(learned.user_index, block)
        scores[np.searchsorted(block, learned.user_index[known]), learned.item_index[known]] = -torch.inf
        top = scores.topk(min(k, learned.n_items), dim=1).indices.numpy()
        wanted = np.isin(validation.user_index, block)
        hit_row = np.searchsorted(block, validation.user_index[wanted])
        hits = (top[hit_row] == validation.item_index[wanted][:, None]).any(axis=1)
        found.append(np.bincount(hit_row, hits, len(block)) / np.bincount(hit_row, minlength=len(block)))
    return float(np.concatenate(found).mean()) if found else 0.0

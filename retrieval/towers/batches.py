"""Users in batches: what is read of each history and what is to be found."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.encoder import Pooling
from retrieval.towers.data import TrainingData


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of some users; `row` is the user's place in the batch."""

    users: NDArray[np.int64]  # [b]
    read_row: NDArray[np.int64]
    read_item: NDArray[np.int64]
    read_share: NDArray[np.float32]  # coefficient in the user's sum
    target_row: NDArray[np.int64]
    target_item: NDArray[np.int64]
    target_weight: NDArray[np.float32]


def sparse_rows(
    rows: NDArray[np.int64], columns: NDArray[np.int64], values: Tensor, size: tuple[int, int]
) -> Tensor:
    """Sparse CSR [size]; rows not decreasing."""
    starts = np.searchsorted(rows, np.arange(size[0] + 1))
    return torch.sparse_csr_tensor(torch.from_numpy(starts), torch.from_numpy(columns), values, size=size)


def read_all(
    data: TrainingData, pooling: Pooling, *, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(rows of events, their coefficients): what the encoder would read of each user today."""
    bounds = data.user_bounds()
    rows, shares = [], []
    for first, end in itertools.pairwise(bounds):
        start = max(first, end - limit)
        rows.append(np.arange(start, end))
        shares.append(_shares(data, pooling, rows[-1]))
    return np.concatenate(rows), np.concatenate(shares)


def batches(
    data: TrainingData,
    pooling: Pooling,
    *,
    batch_users: int,
    history_share: float,
    history_limit: int,
    rng: np.random.Generator,
) -> Iterator[Batch]:
    """One pass over the users with at least two events, in random order, split anew each time."""
    bounds = data.user_bounds()
    usable = np.flatnonzero(np.diff(bounds) >= 2)
    rng.shuffle(usable)
    for first in range(0, len(usable), batch_users):
        users = usable[first : first + batch_users]
        parts = [_split(data, bounds[u : u + 2], history_share, history_limit, rng) for u in users]
        shares = [_shares(data, pooling, read) for read, _ in parts]
        reads = np.concatenate([read for read, _ in parts])
        targets = np.concatenate([target for _, target in parts])
        row = np.arange(len(users))
        yield Batch(
            users=users,
            read_row=np.repeat(row, [len(read) for read, _ in parts]),
            read_item=data.item_index[reads].astype(np.int64),
            read_share=np.concatenate(shares),
            target_row=np.repeat(row, [len(target) for _, target in parts]),
            target_item=data.item_index[targets].astype(np.int64),
            target_weight=data.weight[targets],
        )


def _split(
    data: TrainingData,
    bounds: NDArray[np.int64],
    history_share: float,
    history_limit: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(read, targets): rows of a user's events; dislikes are never targets."""
    events = np.arange(max(bounds[0], bounds[1] - history_limit), bounds[1])
    is_read = rng.random(len(events)) < history_share
    read, rest = events[is_read], events[~is_read]
    return read, rest[data.weight[rest] > 0]


def _shares(data: TrainingData, pooling: Pooling, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Coefficients of one user's events, as of the newest of them."""
    times = data.occurred_at_s[rows]
    ages = (times.max(initial=0) - times).astype(np.float32)
    return pooling.coefficients(data.weight[rows], ages)

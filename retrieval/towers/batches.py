"""Users in batches: what is read of each history and what is to be found.

A batch's randomness comes from the seed, the pass and the batch alone, so that a resumed training draws what an
uninterrupted one would have drawn, and each of several processes its own part.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.encoder import Pooling
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.ranks import Ranks
from retrieval.towers.tasks import task_weights


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of some users; `row` is the user's place in the batch."""

    users: NDArray[np.int64]  # [b]
    moment_s: NDArray[np.int64]  # [b], when one of the targets happened
    read_row: NDArray[np.int64]
    read_item: NDArray[np.int64]
    read_share: NDArray[np.float32]  # coefficient in the user's sum
    target_row: NDArray[np.int64]
    target_item: NDArray[np.int64]
    target_weight: NDArray[np.float32]
    refused_row: NDArray[np.int64]  # what is to rank below the targets
    refused_item: NDArray[np.int64]
    refused_weight: NDArray[np.float32]
    shown_item: NDArray[np.int64]  # what these users saw and left
    rng: np.random.Generator


def sparse_rows(
    rows: NDArray[np.int64], columns: NDArray[np.int64], values: NDArray[np.float32], size: tuple[int, int]
) -> csr_array:
    """float32 [size]; rows not decreasing."""
    starts = np.searchsorted(rows, np.arange(size[0] + 1))
    return csr_array((values, columns, starts), shape=size)


def read_all(
    data: TrainingData, pooling: Pooling, *, limit: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(rows of events, their coefficients): what the encoder would read of each user today."""
    bounds = data.user_bounds()
    rows, shares = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for first, end in itertools.pairwise(bounds):
        start = max(first, end - limit)
        rows.append(np.arange(start, end))
        shares.append(_shares(data, pooling, rows[-1]))
    return np.concatenate(rows), np.concatenate(shares)


def batches(data: TrainingData, config: TowerConfig, *, number: int, ranks: Ranks) -> Iterator[Batch]:
    """Pass `number` over the users with at least two events, in random order, split anew each time; of each batch
    this process's part."""
    bounds = data.user_bounds()
    usable = np.flatnonzero(np.diff(bounds) >= 2)
    np.random.default_rng([config.seed, number]).shuffle(usable)
    for first in range(0, len(usable), config.batch_users):
        together = usable[first : first + config.batch_users]
        # A process without a part would leave the others waiting for its gradients.
        if len(together) >= ranks.size:
            rng = np.random.default_rng([config.seed, number, first, ranks.rank])
            yield _batch(data, bounds, together[ranks.rank :: ranks.size], config, rng)


def _batch(
    data: TrainingData,
    bounds: NDArray[np.int64],
    users: NDArray[np.int64],
    config: TowerConfig,
    rng: np.random.Generator,
) -> Batch:
    parts = [_split(data, bounds[u : u + 2], config, rng) for u in users]
    shares = [_shares(data, config.pooling, read) for read, _ in parts]
    reads = np.concatenate([read for read, _ in parts])
    liked = [rest[data.weight[rest] > 0] for _, rest in parts]
    targets = np.concatenate(liked)
    row = np.arange(len(users))
    refused_row, refused, refused_weight = _refused(data, [rest for _, rest in parts], config)
    moments = [
        target[rng.integers(len(target))] if len(target) else bounds[u + 1] - 1
        for u, target in zip(users, liked, strict=True)
    ]
    return Batch(
        users=users,
        moment_s=data.occurred_at_s[moments],
        read_row=np.repeat(row, [len(read) for read, _ in parts]),
        read_item=data.item_index[reads].astype(np.int64),
        read_share=np.concatenate(shares),
        target_row=np.repeat(row, [len(target) for target in liked]),
        target_item=data.item_index[targets].astype(np.int64),
        target_weight=(
            task_weights(data, targets, config.tasks) if config.tasks else data.target_weight(targets)
        ),
        refused_row=refused_row,
        refused_item=data.item_index[refused].astype(np.int64),
        refused_weight=refused_weight,
        shown_item=data.shown_to(users),
        rng=rng,
    )


def _split(
    data: TrainingData, bounds: NDArray[np.int64], config: TowerConfig, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(read, rest): rows of a user's events."""
    if rng.random() < config.newcomer_share:
        events = np.arange(bounds[0], min(bounds[1], bounds[0] + config.history_limit))
        is_read = np.arange(len(events)) < rng.integers(1, config.newcomer_events + 1)
    else:
        events = np.arange(max(bounds[0], bounds[1] - config.history_limit), bounds[1])
        is_read = rng.random(len(events)) < config.history_share
    return events[is_read], events[~is_read]


def _refused(
    data: TrainingData, rests: list[NDArray[np.int64]], config: TowerConfig
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """(place in the batch, row of the event, weight) of what tasks below 0 name; none without such tasks. Elsewhere
    what is disliked is one more item to compete with."""
    if not any(weight < 0 for weight in config.tasks.values()):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    events = np.concatenate(rests)
    row = np.repeat(np.arange(len(rests)), [len(rest) for rest in rests])
    disliked = data.weight[events] < 0
    row, events = row[disliked], events[disliked]
    weights = task_weights(data, events, config.tasks)
    return row[weights > 0], events[weights > 0], weights[weights > 0]


def _shares(data: TrainingData, pooling: Pooling, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Coefficients of one user's events, as of the newest of them."""
    times = data.occurred_at_s[rows]
    ages = (times.max(initial=0) - times).astype(np.float32)
    return pooling.coefficients(data.weight[rows], ages)

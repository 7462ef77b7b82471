"""Users of a snapshot as vectors: the same encoder as on line, over arrays instead of requests."""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrieval.ann.index import Vectors
from retrieval.encoder import UserEncoder
from retrieval.towers.data import TrainingData

_HISTORY_LIMIT = 500


def encode_users(
    encoder: UserEncoder, data: TrainingData, history: Vectors, users: NDArray[np.int64], *, now_s: int
) -> Vectors:
    """float32 [len(users), dim], unit rows, as of `now_s`.

    data: one event per user and item; history: float32 [n_items, dim], NaN rows for items that the version does
    not know, which it would not find on line either; users: rows of the user columns.
    """
    known = ~np.isnan(history[:, 0])
    profiles = data.profiles()
    vectors = [
        encoder.encode(
            history[data.item_index[rows]],
            data.weight[rows],
            (now_s - data.occurred_at_s[rows]).astype(np.float32),
            profiles[user],
        )
        for user, rows in _newest(
            data, users, known, int(encoder.manifest.get("history_limit", _HISTORY_LIMIT))
        )
    ]
    return np.stack(vectors) if vectors else np.empty((0, encoder.dim), np.float32)


def _newest(
    data: TrainingData, users: NDArray[np.int64], known: NDArray[np.bool_], limit: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each user with the rows of her newest `limit` events on known items."""
    bounds = data.user_bounds()
    for user in users.tolist():
        rows = np.arange(bounds[user], bounds[user + 1])
        yield user, rows[known[data.item_index[rows]]][-limit:]


def pairs(data: TrainingData, users: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place in `users`, item index) of each of their events."""
    bounds = data.user_bounds()
    spans = [(place, bounds[user], bounds[user + 1]) for place, user in enumerate(users.tolist())]
    rows = np.fromiter(itertools.chain.from_iterable(range(a, b) for _, a, b in spans), np.int64)
    places = np.repeat(np.arange(len(users)), [b - a for _, a, b in spans])
    return places, data.item_index[rows].astype(np.int64)

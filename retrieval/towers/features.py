"""Which tokens have a vector, and which tokens each item and user has."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from retrieval.encoder import profile_tokens, rows_of, token_key
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData

_DAY_S = 86_400
_HOURS = tuple(f"hour:{hour}" for hour in range(24))
AGES = tuple(f"example_age:{bucket}" for bucket in range(12))  # days in powers of two


@dataclass(frozen=True, slots=True)
class UserTokens:
    """What the user tower knows of users beside their events.

    keys: int64 [tokens], sorted; bags: float32 [n_users, tokens], 1 for what a profile says; hours, ages, own: int64,
    rows of `keys` for each hour, bucket of example age and user, empty where the settings don't ask for them.
    """

    keys: NDArray[np.int64]
    bags: csr_array
    hours: NDArray[np.int64]
    ages: NDArray[np.int64]
    own: NDArray[np.int64]
    newest_s: int

    def of(
        self,
        users: NDArray[np.int64],
        times_s: NDArray[np.int64] | None = None,
        *,
        known: NDArray[np.bool_] | None = None,
    ) -> Tensor:
        """Sparse CSR [len(users), tokens]: their profiles with the context of a moment each; without moments as a
        request is served: of age 0, at no hour. known: bool [len(users)], whose own vectors count; default: all."""
        bags = self.bags[users]
        if len(self.own):
            counts = 1 if known is None else known
            bags = bags + _one_each(self.own[users], len(self.keys), counts)
        if len(self.hours) and times_s is not None:
            bags = bags + _one_each(self.hours[times_s // 3600 % 24], len(self.keys))
        if len(self.ages):
            young = np.zeros(len(users), np.int64)
            buckets = young if times_s is None else self._age_buckets(times_s)
            bags = bags + _one_each(self.ages[buckets], len(self.keys))
        return as_torch(csr_array(bags))

    def _age_buckets(self, times_s: NDArray[np.int64]) -> NDArray[np.int64]:
        days = np.maximum(self.newest_s - times_s, 0) / _DAY_S
        return np.minimum(np.ceil(np.log2(days + 1)), len(AGES) - 1).astype(np.int64)


def user_tokens(data: TrainingData, config: TowerConfig) -> UserTokens:
    """Profiles' tokens that at least two users share, and those of the moment that the settings ask for."""
    bags = [
        [token for token in profile_tokens(profile) if not token.startswith("user:")]
        for profile in data.profiles()
    ]
    own = [f"user:{user}" for user in data.user_ids.tolist()] if config.user_ids else []
    moment = [*(_HOURS if config.hour else ()), *(AGES if config.example_age else ())]
    known = vocabulary(bags, at_least=2, limit=config.max_tokens)
    keys = np.union1d(known, np.array([token_key(token) for token in [*moment, *own]], np.int64))
    return UserTokens(
        keys=keys,
        bags=bag_matrix(bags, keys, scaled=False),
        hours=_rows(_HOURS, keys) if config.hour else np.empty(0, np.int64),
        ages=_rows(AGES, keys) if config.example_age else np.empty(0, np.int64),
        own=_rows(own, keys),
        newest_s=int(data.occurred_at_s.max(initial=0)),
    )


def item_bags(data: TrainingData, *, limit: int) -> tuple[NDArray[np.int64], csr_array]:
    """(token keys, float32 [n_items, tokens])."""
    bags = [features.tokens() for features in data.item_features()]
    keys = vocabulary(bags, at_least=2, limit=limit)
    return keys, bag_matrix(bags, keys, scaled=True)


def vocabulary(bags: Sequence[Sequence[str]], *, at_least: int, limit: int) -> NDArray[np.int64]:
    """Sorted keys of the most frequent tokens that occur in at least so many bags."""
    counts = Counter(token for bag in bags for token in bag)
    chosen = [token for token, count in counts.most_common(limit) if count >= at_least]
    return np.sort(np.array([token_key(token) for token in chosen], np.int64))


def bag_matrix(bags: Sequence[Sequence[str]], keys: NDArray[np.int64], *, scaled: bool) -> csr_array:
    """float32 [bags, keys]: 1 for each token, over the root of their number where scaled."""
    rows = [rows_of(bag, keys) for bag in bags]
    sizes = np.array([len(found) for found in rows], np.int64)
    share = 1 / np.sqrt(np.maximum(sizes, 1)) if scaled else np.ones(len(sizes))
    values = np.repeat(share, sizes).astype(np.float32)
    places = np.concatenate([*rows, np.empty(0, np.int64)])
    return csr_array((values, places, np.append(0, np.cumsum(sizes))), shape=(len(bags), len(keys)))


def as_torch(matrix: csr_array) -> Tensor:
    """The same sparse rows for torch."""
    return torch.sparse_csr_tensor(
        torch.from_numpy(matrix.indptr.astype(np.int64)),
        torch.from_numpy(matrix.indices.astype(np.int64)),
        torch.from_numpy(matrix.data.astype(np.float32)),
        size=matrix.shape,
    )


def _rows(tokens: Sequence[str], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """In the order of the tokens, unlike `rows_of`'s callers need."""
    return np.searchsorted(keys, np.array([token_key(token) for token in tokens], np.int64))


def _one_each(columns: NDArray[np.int64], width: int, values: int | NDArray[np.bool_] = 1) -> csr_array:
    n = len(columns)
    return csr_array((np.ones(n, np.float32) * values, columns, np.arange(n + 1)), shape=(n, width))

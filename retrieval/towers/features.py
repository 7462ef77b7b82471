"""Which tokens have a vector, and which tokens each item and user has."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.encoder import profile_tokens, rows_of, token_key
from retrieval.towers.data import TrainingData


def vocabulary(bags: Sequence[Sequence[str]], *, at_least: int, limit: int) -> NDArray[np.int64]:
    """Sorted keys of the most frequent tokens that occur in at least so many bags."""
    counts = Counter(token for bag in bags for token in bag)
    chosen = [token for token, count in counts.most_common(limit) if count >= at_least]
    return np.sort(np.array([token_key(token) for token in chosen], np.int64))


def bag_matrix(bags: Sequence[Sequence[str]], keys: NDArray[np.int64], *, scaled: bool) -> Tensor:
    """Sparse CSR [bags, keys]: 1 for each token, over the root of their number where scaled."""
    rows = [rows_of(bag, keys) for bag in bags]
    sizes = np.array([len(found) for found in rows], np.int64)
    share = 1 / np.sqrt(np.maximum(sizes, 1)) if scaled else np.ones(len(sizes))
    return torch.sparse_csr_tensor(
        torch.from_numpy(np.append(0, np.cumsum(sizes))),
        torch.from_numpy(np.concatenate([*rows, np.empty(0, np.int64)])),
        torch.from_numpy(np.repeat(share, sizes).astype(np.float32)),
        size=(len(bags), len(keys)),
    )


def item_bags(data: TrainingData, *, limit: int) -> tuple[NDArray[np.int64], Tensor]:
    """(token keys, [n_items, tokens])."""
    bags = [features.tokens() for features in data.item_features()]
    keys = vocabulary(bags, at_least=2, limit=limit)
    return keys, bag_matrix(bags, keys, scaled=True)


def profile_bags(data: TrainingData, *, limit: int) -> tuple[NDArray[np.int64], Tensor]:
    """(token keys, [n_users, tokens])."""
    bags = [profile_tokens(profile) for profile in data.profiles()]
    keys = vocabulary(bags, at_least=2, limit=limit)
    return keys, bag_matrix(bags, keys, scaled=False)

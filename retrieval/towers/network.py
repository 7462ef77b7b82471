"""The two towers in torch: the same sums as retrieval/encoder.py, with gradients."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn import functional

from retrieval.towers.features import as_torch

_BUCKETS = 24  # powers of two: more likes than any item has


class Towers(nn.Module):
    """Item vectors and history vectors from id, popularity and content; users from pooled history and profile."""

    item_buckets: Tensor

    def __init__(
        self,
        *,
        item_bags: csr_array,
        profile_tokens: int,
        dim: int,
        seed: int,
        temperature: float = 0.1,
        likes: NDArray[np.int64] | None = None,
    ) -> None:
        """likes: int64 [n_items] where popularity shall have vectors of its own, by powers of two."""
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        n_items, n_tokens = item_bags.shape

        def table(rows: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(rows, dim, generator=generator) * (0.1 / dim**0.5))

        self.item_id, self.history_id = table(n_items), table(n_items)
        self.token_vectors, self.token_history = table(n_tokens), table(n_tokens)
        self.profile_vectors = table(profile_tokens)
        self.item_bias, self.user_bias = table(2), nn.Parameter(table(1)[0].detach())
        self.popularity = table(0 if likes is None else _BUCKETS)
        self.log_temperature = nn.Parameter(torch.tensor(temperature).log())
        self.bags = item_bags
        self._all_bags = as_torch(item_bags)
        self._buckets = None if likes is None else torch.from_numpy(_bucket_of(likes))

    @property
    def n_items(self) -> int:
        return len(self.item_id)

    def items(
        self, kept: Tensor | None = None, *, only: NDArray[np.int64] | None = None
    ) -> tuple[Tensor, Tensor]:
        """(unit vectors, history vectors), each [n, dim], of all items or of `only` these rows.

        kept: [n_items, 1], 0 for items whose id and popularity count for nothing, as if nobody had touched them.
        """
        rows = None if only is None else torch.from_numpy(only)
        own, own_history = _rows(self.item_id, rows), _rows(self.history_id, rows)
        if self._buckets is not None:
            own = own + self.popularity[_rows(self._buckets, rows)]
        if kept is not None:
            own, own_history = own * _rows(kept, rows), own_history * _rows(kept, rows)
        bags = self._all_bags if only is None else as_torch(self.bags[only])
        vectors = self.item_bias[0] + own + bags @ self.token_vectors
        history = self.item_bias[1] + own_history + bags @ self.token_history
        return functional.normalize(vectors, dim=1), history

    def users(self, coefficients: Tensor, history: Tensor, profiles: Tensor) -> Tensor:
        """Unit vectors [b, dim] for sparse coefficients [b, n] of n history vectors and sparse bags [b, tokens]."""
        pooled = self.user_bias + coefficients @ history
        return functional.normalize(pooled + profiles @ self.profile_vectors, dim=1)


def _rows(values: Tensor, rows: Tensor | None) -> Tensor:
    return values if rows is None else values[rows]


def _bucket_of(likes: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 for none, 1 for one, 2 for two and three, 3 for four to seven, …"""
    buckets: NDArray[np.int64] = np.ceil(np.log2(np.maximum(likes, 0) + 1)).astype(np.int64)
    return np.minimum(buckets, _BUCKETS - 1)

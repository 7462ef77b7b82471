"""The two towers in torch: the same sums as retrieval/encoder.py, with gradients."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor, nn
from torch.nn import functional

from retrieval.towers.features import as_torch
from retrieval.towers.neighbors import Neighborhood

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
        neighborhood: Neighborhood | None = None,
    ) -> None:
        """likes: int64 [n_items] where popularity shall have vectors of its own, by powers of two; neighborhood: where
        neighbors' vectors shall be mixed in."""
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
        self.neighborhood = neighborhood
        if neighborhood is not None:
            self._pooled = as_torch(neighborhood.pooled)
            self._item_tags, self._tag_items = (
                as_torch(neighborhood.item_tags),
                as_torch(neighborhood.tag_items),
            )
            # What a neighbor says counts from the first batch on, for less than what the item says.
            self.mixing = nn.Parameter(torch.stack([torch.eye(dim), torch.eye(dim)]) * 0.5)

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
        if self.neighborhood is not None:
            return self._with_neighbors(kept, rows)
        own, own_history = _rows(self.item_id, rows), _rows(self.history_id, rows)
        if self._buckets is not None:
            own = own + self.popularity[_rows(self._buckets, rows)]
        if kept is not None:
            own, own_history = own * _rows(kept, rows), own_history * _rows(kept, rows)
        bags = self._all_bags if only is None else as_torch(self.bags[only])
        vectors = self.item_bias[0] + own + bags @ self.token_vectors
        history = self.item_bias[1] + own_history + bags @ self.token_history
        return functional.normalize(vectors, dim=1), history

    def as_new(self) -> tuple[Tensor, Tensor]:
        """(unit vectors, history vectors), each [n_items, dim]: of items with this content that nobody has touched."""
        if self.neighborhood is None:
            return self.items(torch.zeros(self.n_items, 1))
        vectors, history = self._bases(torch.zeros(self.n_items, 1))
        pooled, pooled_history = (self._item_tags @ by_tag for by_tag in self.of_tags())
        return functional.normalize(self.item_bias[0] + vectors + pooled, dim=1), (
            self.item_bias[1] + history + pooled_history
        )

    def of_tags(self) -> tuple[Tensor, Tensor]:
        """(of vectors, of history vectors), each [tags, dim]: the mean of a tag's items as it is mixed into others."""
        vectors, history = self._bases(None)
        return (self._tag_items @ vectors) @ self.mixing[0], (self._tag_items @ history) @ self.mixing[1]

    def _with_neighbors(self, kept: Tensor | None, rows: Tensor | None) -> tuple[Tensor, Tensor]:
        """As `items`. All items' own vectors are needed, whatever rows are asked for; one whose id counts for nothing
        has no walks either, and neighbors by its tags alone. Where nobody else is near there is nothing to mix in."""
        found = []
        for side, base in enumerate(self._bases(kept)):
            pooled = self._pooled @ base
            if kept is not None:
                pooled = kept * pooled + (1 - kept) * (self._item_tags @ (self._tag_items @ base))
            found.append(_rows(self.item_bias[side] + base + pooled @ self.mixing[side], rows))
        return functional.normalize(found[0], dim=1), found[1]

    def _bases(self, kept: Tensor | None) -> tuple[Tensor, Tensor]:
        """What all items say by themselves, before the bias: ids and popularity as far as `kept`, and content."""
        own: Tensor = self.item_id
        history: Tensor = self.history_id
        if self._buckets is not None:
            own = own + self.popularity[self._buckets]
        if kept is not None:
            own, history = own * kept, history * kept
        return own + self._all_bags @ self.token_vectors, history + self._all_bags @ self.token_history

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

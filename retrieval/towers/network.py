"""The two towers in torch: the same sums as retrieval/encoder.py, with gradients."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Towers(nn.Module):
    """Item vectors and history vectors from id and content; users from pooled history and profile."""

    def __init__(self, *, item_bags: Tensor, profile_bags: Tensor, dim: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        n_items, n_tokens = item_bags.shape

        def table(rows: int) -> nn.Parameter:
            return nn.Parameter(torch.randn(rows, dim, generator=generator) * (0.1 / dim**0.5))

        self.item_id, self.history_id = table(n_items), table(n_items)
        self.token_vectors, self.token_history = table(n_tokens), table(n_tokens)
        self.profile_vectors = table(profile_bags.shape[1])
        self.item_bias, self.user_bias = table(2), nn.Parameter(table(1)[0].detach())
        self.item_bags, self.profile_bags = item_bags, profile_bags

    def items(self, kept: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(unit vectors, history vectors), each [n_items, dim]; ids count where kept [n_items, 1] is 1."""
        item_id = self.item_id if kept is None else self.item_id * kept
        history_id = self.history_id if kept is None else self.history_id * kept
        vectors = self.item_bias[0] + item_id + self.item_bags @ self.token_vectors
        history = self.item_bias[1] + history_id + self.item_bags @ self.token_history
        return functional.normalize(vectors, dim=1), history

    def users(self, coefficients: Tensor, history: Tensor, profiles: Tensor) -> Tensor:
        """Unit vectors [b, dim] for sparse coefficients [b, n_items] and profile bags [b, tokens]."""
        pooled = self.user_bias + coefficients @ history
        return functional.normalize(pooled + profiles @ self.profile_vectors, dim=1)

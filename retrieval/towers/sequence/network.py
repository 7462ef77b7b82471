"""The network in torch. `retrieval.sequence` runs the same in numpy, by the same names."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.towers.sequence.config import SequenceConfig


class Block(nn.Module):
    def __init__(self, config: SequenceConfig) -> None:
        super().__init__()
        dim = config.dim
        self.heads, self.dropout = config.heads, config.dropout
        self.before_attention, self.before_inner = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attend, self.mix = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.widen, self.narrow = nn.Linear(dim, 2 * dim), nn.Linear(2 * dim, dim)

    def forward(self, states: Tensor) -> Tensor:
        rows, length, dim = states.shape
        parts = self.attend(self.before_attention(states))
        parts = parts.view(rows, length, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        # Nothing reads what comes after it, so nothing reads the emptiness on the right either.
        read = functional.scaled_dot_product_attention(
            parts[0], parts[1], parts[2], is_causal=True, dropout_p=self.dropout if self.training else 0.0
        )
        states = states + self._dropped(self.mix(read.transpose(1, 2).reshape(rows, length, dim)))
        inner = functional.relu(self.widen(self.before_inner(states)))
        return states + self._dropped(self.narrow(inner))

    def _dropped(self, states: Tensor) -> Tensor:
        return functional.dropout(states, self.dropout, self.training)


class SequenceNetwork(nn.Module):
    """Items have one vector, whether they are read or found (Kang, McAuley 2018)."""

    def __init__(self, n_items: int, config: SequenceConfig, *, sparse: bool = False) -> None:
        """sparse: gradients of the items that a batch touches only."""
        super().__init__()
        self.items = nn.Embedding(n_items, config.dim, sparse=sparse)
        nn.init.normal_(self.items.weight, std=0.02)
        self.positions = nn.Parameter(torch.randn(config.length, config.dim) * 0.02)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.blocks))
        self.final = nn.LayerNorm(config.dim)
        self.dropout = config.dropout

    def forward(self, read: Tensor) -> Tensor:
        """float32 [b, length, dim]: at each place the vector of what follows. read: int64 [b, length], items."""
        states = self.items(read) * self.items.embedding_dim**0.5 + self.positions[: read.shape[1]]
        states = functional.dropout(states, self.dropout, self.training)
        for block in self.blocks:
            states = block(states)
        found: Tensor = self.final(states)
        return found

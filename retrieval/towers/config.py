"""The towers' settings, frozen: two runs with the same data, settings and seed give the same vectors."""

from dataclasses import dataclass, field
from typing import Self

from retrieval.encoder import Pooling


@dataclass(frozen=True, slots=True)
class TowerConfig:
    dim: int = 128
    seed: int = 7
    epochs: int = 40
    patience: int = 5  # validations without gain before training stops
    batch_users: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    temperature: float = 0.1
    id_dropout: float = 0.1  # share of items that are placed by content alone in a batch
    history_share: float = 0.7  # of a user's events that is read; the rest is to be found
    history_limit: int = 500  # newest events of a user that are read
    negatives: int = 4096  # items drawn per batch; the whole catalog where it is smaller
    max_tokens: int = 50_000  # of content that have a vector: the most frequent ones
    validation_share: float = 0.1  # of each user's newest events
    pooling: Pooling = field(default_factory=Pooling)

    @classmethod
    def for_data(cls, n_users: int, n_items: int, n_events: int) -> Self:
        """Settings that fit data of this size."""
        del n_users, n_items
        return cls(epochs=40 if n_events < 200_000 else 10)

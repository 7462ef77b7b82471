"""The sequence model's settings, frozen: the same data, settings and seed give the same model."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from retrieval.towers.config import InvalidTowerConfig


@dataclass(frozen=True, slots=True)
class SequenceConfig:
    dim: int = 64
    length: int = 50  # items that it reads, the newest
    blocks: int = 1
    heads: int = 2
    dropout: float = 0.2
    epochs: int = 8
    # Over all passes, of `length` items each, drawn at random where there are more: so the cost has a bound.
    most_windows: int = 40_000
    batch_windows: int = 32
    learning_rate: float = 4e-3
    negatives: int = 2048  # items drawn per batch beside its own; the whole catalogue where it is smaller
    half_life_days: float | None = (
        None  # of an example's age, after which it counts half; None: all count alike
    )
    seed: int = 7

    def __post_init__(self) -> None:
        for name in (
            "dim",
            "length",
            "blocks",
            "heads",
            "epochs",
            "most_windows",
            "batch_windows",
            "negatives",
        ):
            if getattr(self, name) < 1:
                raise InvalidTowerConfig(f"sequence.{name} is {getattr(self, name)}: give at least 1.")
        if self.dim % self.heads:
            raise InvalidTowerConfig(f"sequence.dim is {self.dim}: give a multiple of heads, {self.heads}.")
        if not 0 <= self.dropout < 1:
            raise InvalidTowerConfig(f"sequence.dropout is {self.dropout}: give a share below 1.")
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise InvalidTowerConfig(f"sequence.half_life_days is {self.half_life_days}: give days, or null.")

    def overridden(self, settings: Mapping[str, Any]) -> Self:
        """These settings with others in their place. Raises InvalidTowerConfig."""
        known = sorted(each.name for each in fields(self))
        if unknown := sorted(set(settings) - set(known)):
            raise InvalidTowerConfig(f"The sequence model has no setting {unknown[0]!r}; it has {known}.")
        return replace(self, **settings)

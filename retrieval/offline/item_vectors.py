"""The vectors of many items together, and the file in which one step leaves them to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from retrieval.ann.index import Vectors
from retrieval.types import Ids


@dataclass(frozen=True, slots=True)
class ItemVectors:
    """item_ids: int64 [n]; vectors: float32 [n, dim], unit rows; history: float32 [n, dim]."""

    item_ids: Ids
    vectors: Vectors
    history: Vectors

    def __len__(self) -> int:
        return len(self.item_ids)

    def only(self, mask: NDArray[np.bool_]) -> "ItemVectors":
        return ItemVectors(self.item_ids[mask], self.vectors[mask], self.history[mask])

    @classmethod
    def joined(cls, parts: Sequence["ItemVectors"]) -> "ItemVectors":
        """All of at least one part, in order."""
        return cls(
            np.concatenate([part.item_ids for part in parts]),
            np.concatenate([part.vectors for part in parts]),
            np.concatenate([part.history for part in parts]),
        )

    def save(self, path: Path) -> None:
        """Whole or not at all: an interrupted step leaves no half file under the final name."""
        partial = path.with_suffix(".partial")
        arrays = {"item_ids": self.item_ids, "vectors": self.vectors, "history": self.history}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, partial)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "ItemVectors":
        return cls(**load_file(path))

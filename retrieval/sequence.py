"""The sequence model as requests run it, in numpy: a user's last items in, the vector of what she turns to next out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from retrieval import artifacts

ARTIFACT = "sequence"
HEADS = "heads"
_EPSILON = 1e-5  # torch's, of LayerNorm
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SequenceEncoder:
    """Self-attention over a sequence (SASRec: Kang, McAuley 2018), normalised before each part of a block.

    heads: of attention; weights: the network's parameters under the names that torch gives them, but items' vectors,
    which are rows of the version's table.
    """

    heads: int
    weights: Mapping[str, Floats]

    @property
    def length(self) -> int:
        """How many items it reads, the newest ones."""
        return len(self.weights["positions"])

    @property
    def blocks(self) -> int:
        return sum(name.endswith(".attend.weight") for name in self.weights)

    def next_item(self, items: Floats) -> Floats:
        """float32 [dim + 1]: its inner products with items' rows order them by how likely each is next; the last
        coordinate, of items' lengths, is 0. items: float32 [n, dim], n ≥ 1, what was turned to, oldest first."""
        states = items[-self.length :] * np.float32(np.sqrt(items.shape[1]))
        states = states + self.weights["positions"][: len(states)]
        for block in range(self.blocks):
            name = f"blocks.{block}"
            states = states + self._attended(name, self._normal(f"{name}.before_attention", states))
            inner = self._normal(f"{name}.before_inner", states)
            inner = np.maximum(self._linear(f"{name}.widen", inner), 0)
            states = states + self._linear(f"{name}.narrow", inner)
        return np.append(self._normal("final", states[-1:])[0], 0).astype(np.float32)

    def _attended(self, name: str, states: Floats) -> Floats:
        """Each place reads itself and what came before it."""
        n, dim = states.shape
        parts = self._linear(f"{name}.attend", states).reshape(n, 3, self.heads, dim // self.heads)
        queries, keys, values = parts.transpose(1, 2, 0, 3)
        logits = queries @ keys.transpose(0, 2, 1) / np.float32(np.sqrt(dim // self.heads))
        logits[:, np.triu(np.ones((n, n), np.bool_), 1)] = -np.inf
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        read = shares / shares.sum(axis=-1, keepdims=True) @ values
        return self._linear(f"{name}.mix", read.transpose(1, 0, 2).reshape(n, dim))

    def _linear(self, name: str, states: Floats) -> Floats:
        product: Floats = states @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return product

    def _normal(self, name: str, states: Floats) -> Floats:
        centered = states - states.mean(axis=1, keepdims=True)
        scale = np.sqrt(np.square(centered).mean(axis=1, keepdims=True) + np.float32(_EPSILON))
        scaled: Floats = centered / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return scaled

    def packed(self) -> bytes:
        arrays = {name: np.ascontiguousarray(array) for name, array in self.weights.items()}
        return save({**arrays, HEADS: np.array([self.heads], np.float32)})

    @classmethod
    def unpacked(cls, body: bytes) -> Self:
        arrays = load(body)
        return cls(int(arrays.pop(HEADS)[0]), arrays)


@lru_cache(maxsize=4)
def sequence_encoder_of(version: int) -> SequenceEncoder:
    """Raises ArtifactMissing, ArtifactDamaged."""
    return SequenceEncoder.unpacked(artifacts.load(version, ARTIFACT))

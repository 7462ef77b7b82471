"""Users and new items as vectors, on line and without torch.

Everything here is linear on purpose: a user is a weighted sum of the `history` vectors of what she
touched, plus what her profile says, brought to length 1. A new event moves the vector at once.
The towers (retrieval/towers) train through the same functions, so there is nothing to keep in step.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from retrieval.types import RetrievalError

Vectors = NDArray[np.float32]
FORMAT = "headwater-towers-1"
WORD = re.compile(r"\w{2,}")
PROFILE_FIELDS = ("age_group", "location", "language", "hour", "user")


class ArtifactMismatch(RetrievalError):
    """The bytes are not an artifact of the kind, the format or the dimension that was asked for."""


@dataclass(frozen=True, slots=True)
class ItemFeatures:
    """What is known of an item before anybody has touched it."""

    tags: tuple[str, ...] = ()
    category: str = ""
    creator: str = ""
    language: str = ""
    title: str = ""
    description: str = ""
    published_at_s: int = 0  # 0: unknown

    def tokens(self) -> list[str]:
        """`field:value` for each feature, words in lower case; no order, no repeats."""
        words = WORD.findall(f"{self.title} {self.description}".lower())
        named = [("category", self.category), ("creator", self.creator), ("language", self.language)]
        found = {f"tag:{tag}" for tag in self.tags} | {f"word:{word}" for word in words}
        return sorted(found | {f"{name}:{value}" for name, value in named if value})


def profile_tokens(profile: Mapping[str, str]) -> list[str]:
    """`field:value` for each known field of a user's profile."""
    return [f"{name}:{profile[name]}" for name in PROFILE_FIELDS if profile.get(name)]


def token_key(token: str) -> int:
    """A signed 64-bit hash, the same on every machine: an artifact holds keys instead of strings."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little", signed=True)


def rows_of(tokens: Sequence[str], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the tokens in the sorted `keys`; those that the towers never saw are left out."""
    if not len(keys) or not tokens:
        return np.empty(0, np.int64)
    wanted = np.array([token_key(token) for token in tokens], np.int64)
    rows = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: NDArray[np.int64] = rows[keys[rows] == wanted]
    return found


def one_event_per_item(keys: NDArray[np.int64], weights: Vectors) -> tuple[NDArray[np.int64], Vectors]:
    """(rows, weights) of each key's last event, in the order given, which is that of time.

    The weight is the largest that the item was given, unless its last event is a dislike.
    """
    if not len(keys):
        return np.empty(0, np.int64), np.empty(0, np.float32)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(keys[order]) != 0))
    last = order[np.append(starts[1:], len(order)) - 1]
    best = np.maximum.reduceat(weights[order], starts)
    best = np.where(weights[last] < 0, weights[last], best).astype(np.float32)
    by_time = np.argsort(last)
    return last[by_time], best[by_time]


def unit(vectors: Vectors) -> Vectors:
    """The rows at length 1; a row of zeros stays one."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return scaled


@dataclass(frozen=True, slots=True)
class Pooling:
    """How much each event of a history counts. Frozen into the artifact."""

    weight_power: float = 0.5  # of an event's weight: 1 takes it as it is, 0 makes all alike
    dislike: float = 0.0  # share of its weight with which a disliked item pushes away
    step_decay: float = 1.0  # per later event
    half_life_s: float = 0.0  # of an event's age; 0: age does not matter
    size_power: float = 0.5  # the sum is divided by (sum of squares) ** size_power

    def coefficients(self, weights: Vectors, ages_s: Vectors) -> Vectors:
        """float32 [n]: the share of each event, oldest first; negative for dislikes."""
        share = np.abs(weights) ** self.weight_power
        share = np.where(weights < 0, -self.dislike * share, share)
        if self.step_decay < 1.0:
            share = share * self.step_decay ** np.arange(len(share) - 1, -1, -1, dtype=np.float32)
        if self.half_life_s > 0:
            share = share * np.exp2(-np.maximum(ages_s, 0) / self.half_life_s)
        total = float(np.square(share).sum())
        scaled: Vectors = (share / max(total, 1e-12) ** self.size_power).astype(np.float32)
        return scaled


@dataclass(frozen=True, slots=True)
class UserEncoder:
    """A user's vector from her history's vectors and her profile."""

    pooling: Pooling
    bias: Vectors  # [dim]: a user of whom nothing is known
    profile_keys: NDArray[np.int64]  # [p], sorted
    profile_vectors: Vectors  # [p, dim]
    manifest: Mapping[str, Any]

    @property
    def dim(self) -> int:
        return len(self.bias)

    @classmethod
    def from_artifact(cls, artifact: bytes) -> Self:
        """Raises ArtifactMismatch for anything but a user tower's artifact."""
        manifest, arrays = read_artifact(artifact, kind="user")
        return cls(
            pooling=Pooling(**manifest["pooling"]),
            bias=arrays["bias"],
            profile_keys=arrays["profile_keys"],
            profile_vectors=arrays["profile_vectors"],
            manifest=manifest,
        )

    def to_artifact(self) -> bytes:
        arrays: dict[str, NDArray[Any]] = {
            "bias": self.bias,
            "profile_keys": self.profile_keys,
            "profile_vectors": self.profile_vectors,
        }
        return write_artifact("user", {**self.manifest, "pooling": asdict(self.pooling)}, arrays)

    def encode(
        self, history_vectors: Vectors, weights: Vectors, ages_s: Vectors, profile: Mapping[str, str]
    ) -> Vectors:
        """float32 [dim] of length 1, for events in order of time, oldest first, one per item.

        history_vectors: float32 [n, dim]; weights: float32 [n], below 0 for dislikes;
        ages_s: float32 [n]. Nothing known gives the vector of the average user.
        """
        if history_vectors.ndim != 2 or history_vectors.shape[1] != self.dim:
            raise ArtifactMismatch(f"history vectors are {history_vectors.shape}, the tower has {self.dim}")
        vector = self.bias + self.pooling.coefficients(weights, ages_s) @ history_vectors
        rows = rows_of(profile_tokens(profile), self.profile_keys)
        return unit(vector + self.profile_vectors[rows].sum(axis=0))


@dataclass(frozen=True, slots=True)
class ItemEncoder:
    """Vectors of items that nobody has touched yet, from their content alone."""

    token_keys: NDArray[np.int64]  # [t], sorted
    token_vectors: Vectors  # [t, dim]
    token_history: Vectors  # [t, dim]
    bias: Vectors  # [2, dim]: vector and history vector of an item without known content
    manifest: Mapping[str, Any]
    # Of towers with neighbors, else empty: what the items of each tag say of one more of them.
    tag_keys: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))  # [g], sorted
    tag_pooled: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))  # [g, dim]
    tag_history: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))  # [g, dim]

    @classmethod
    def from_artifact(cls, artifact: bytes) -> Self:
        """Raises ArtifactMismatch for anything but an item tower's artifact."""
        manifest, arrays = read_artifact(artifact, kind="item")
        return cls(**arrays, manifest=manifest)

    def to_artifact(self) -> bytes:
        arrays: dict[str, NDArray[Any]] = {
            "token_keys": self.token_keys,
            "token_vectors": self.token_vectors,
            "token_history": self.token_history,
            "bias": self.bias,
        }
        # Left out where empty, as a process of the release before does not know them.
        if len(self.tag_keys):
            pooled = {"tag_pooled": self.tag_pooled, "tag_history": self.tag_history}
            arrays |= {"tag_keys": self.tag_keys, **pooled}
        return write_artifact("item", self.manifest, arrays)

    def encode(self, features: Sequence[ItemFeatures]) -> tuple[Vectors, Vectors]:
        """(vectors, history vectors), each float32 [n, dim]; the first of length 1."""
        vectors = np.tile(self.bias[0], (len(features), 1))
        history = np.tile(self.bias[1], (len(features), 1))
        for row, item in enumerate(features):
            tokens = item.tokens()
            found = rows_of(tokens, self.token_keys)
            share = np.float32(1 / np.sqrt(max(len(found), 1)))
            vectors[row] += share * self.token_vectors[found].sum(axis=0)
            history[row] += share * self.token_history[found].sum(axis=0)
            shared = rows_of([token for token in tokens if token.startswith("tag:")], self.tag_keys)
            if len(shared):
                vectors[row] += self.tag_pooled[shared].mean(axis=0)
                history[row] += self.tag_history[shared].mean(axis=0)
        return unit(vectors), history


def write_artifact(kind: str, manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """safetensors bytes with the manifest in their header."""
    header = {"format": FORMAT, "kind": kind, "manifest": json.dumps(manifest, sort_keys=True)}
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata=header)


def read_artifact(artifact: bytes, *, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """(manifest, arrays). Raises ArtifactMismatch where the bytes are something else."""
    try:
        size = int.from_bytes(artifact[:8], "little")
        header = json.loads(artifact[8 : 8 + size]).get("__metadata__", {})
        arrays = load(artifact)
    except Exception as error:  # safetensors raises a type of its own
        raise ArtifactMismatch("not a safetensors artifact") from error
    if header.get("format") != FORMAT or header.get("kind") != kind:
        raise ArtifactMismatch(f"expected {FORMAT} of kind {kind}, found {header}")
    return json.loads(header["manifest"]), arrays

"""Users into buckets by a salted hash: the same everywhere, with nothing stored (Bakshy, Eckles and Bernstein 2014).

A user's name is hashed once, whatever the number of experiments; each salt then mixes that number anew, in Python's own
numbers for one user and in numpy for many.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

BUCKETS = 10_000  # 0.01 % each
Hashes = NDArray[np.uint64]
_MASK = 2**64 - 1
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def unit_hash(unit: str) -> int:
    """0 … 2^64 − 1."""
    return int.from_bytes(blake2b(unit.encode(), digest_size=8).digest(), "big")


def unit_hashes(units: Iterable[str]) -> Hashes:
    """uint64 [n]."""
    return np.array([unit_hash(unit) for unit in units], np.uint64)


@lru_cache(maxsize=4096)
def _salted(salt: str) -> int:
    return int.from_bytes(blake2b(salt.encode(), digest_size=8, person=b"salt").digest(), "big")


def bucket(salt: str, unit: int) -> int:
    """0 … 9,999 for a `unit_hash`: uniform over units and independent between salts."""
    z = ((unit ^ _salted(salt)) + _GOLDEN) & _MASK
    # splitmix64 (Steele, Lea and Flood 2014).
    z = ((z ^ (z >> 30)) * _FIRST) & _MASK
    z = ((z ^ (z >> 27)) * _SECOND) & _MASK
    return (((z ^ (z >> 31)) >> 32) * BUCKETS) >> 32


def buckets(salt: str, units: Hashes) -> NDArray[np.int64]:
    """int64 [n]: of each the same as `bucket`."""
    with np.errstate(over="ignore"):
        z = (units ^ np.uint64(_salted(salt))) + np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
        upper = (z ^ (z >> np.uint64(31))) >> np.uint64(32)
        places: NDArray[np.int64] = ((upper * np.uint64(BUCKETS)) >> np.uint64(32)).astype(np.int64)
    return places

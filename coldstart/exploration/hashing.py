"""Who explores which item: a hash of the two decides, so nothing is stored and the same users stay the same."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LARGEST = 2**64 - 1
# Items and users are both numbered from 1: without salts of their own, item 7 would be to user 9 what 9 is to 7.
_ITEM_SALT = np.uint64(0x6A09E667F3BCC908)


def mixed(numbers: Hashes) -> Hashes:
    """uint64 [n]: each number's splitmix64 (Steele, Lea and Flood 2014), as good as random."""
    with np.errstate(over="ignore"):
        z = numbers + _GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _FIRST
        z = (z ^ (z >> np.uint64(27))) * _SECOND
        hashes: Hashes = z ^ (z >> np.uint64(31))
    return hashes


def item_hashes(item_ids: NDArray[np.int64]) -> Hashes:
    """uint64 [n]: what `explorers` takes, made once per item."""
    return mixed(item_ids.astype(np.uint64) ^ _ITEM_SALT)


def user_hashes(user_ids: NDArray[np.int64]) -> Hashes:
    """uint64 [n]."""
    return mixed(user_ids.astype(np.uint64))


def user_hash(user_id: int) -> np.uint64:
    hashed: np.uint64 = user_hashes(np.array([user_id]))[0]
    return hashed


def thresholds(shares: NDArray[np.float64]) -> Hashes:
    """uint64 [n]: below which a hash must lie for this share of users (0 to 1)."""
    # float64 can't hold 2^64 - 1: what rounds up to 2^64 would wrap to 0.
    wanted = np.minimum(np.asarray(shares, np.float64), 1.0) * float(2**64)
    capped = np.minimum(wanted, np.nextafter(float(2**64), 0))
    limits = capped.astype(np.uint64)
    limits[np.asarray(shares) >= 1.0] = np.uint64(_LARGEST)
    return limits


def explorers(items: Hashes, limits: Hashes, user: np.uint64 | Hashes) -> NDArray[np.bool_]:
    """bool [n]: which of the items [n] are shown to the user; or to which of the users [n] an item [1] is.

    A larger share keeps all users of the smaller one.
    """
    return np.asarray(mixed(items ^ user) < limits, np.bool_)


def uniform(*parts: int) -> float:
    """A number from 0 up to 1 that is the same for the same parts and independent for others."""
    # In Python's own numbers: a numpy array of one costs ten times as much.
    hashed = 0
    for part in parts:
        z = ((hashed ^ part) + 0x9E3779B97F4A7C15) & _LARGEST
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _LARGEST
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _LARGEST
        hashed = z ^ (z >> 31)
    return (hashed >> 11) / 2**53

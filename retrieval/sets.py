"""Sets of numbers as ascending arrays: sorted and searched, at a fraction of what numpy's set functions cost here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ascending(numbers: NDArray[Any]) -> NDArray[Any]:
    """[n]: each of the numbers once, in order."""
    ordered = np.sort(numbers)
    if len(ordered) < 2:
        return ordered
    each: NDArray[Any] = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return each


def among(numbers: NDArray[Any], known: NDArray[Any]) -> NDArray[np.bool_]:
    """bool [n]: which of the numbers are in `known`, which ascends."""
    if not len(known):
        return np.zeros(len(numbers), np.bool_)
    places = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.asarray(known[places] == numbers, np.bool_)


def counted(numbers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """(each of the numbers once, in order; how often each comes), both [n]."""
    if not len(numbers):
        return numbers, np.empty(0, np.int64)
    ordered = np.sort(numbers)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.diff(np.append(starts, len(ordered)))

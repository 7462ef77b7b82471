"""Sets of numbers as ascending arrays: sorted and searched, at a fraction of what numpy's set functions cost here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DENSE = 16  # a table of so many places per number is filled faster than the numbers are sorted


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


def numbered(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(each of the numbers once, in order; the place there of each number), [m] and [n]."""
    if not len(numbers):
        return numbers, np.empty(0, np.int64)
    least = int(numbers.min())
    span = int(numbers.max()) - least + 1
    if span > _DENSE * len(numbers):
        each = ascending(numbers)
        return each, np.searchsorted(each, numbers)
    # Ids that lie close together are ticked off in a table.
    there = np.zeros(span, np.bool_)
    there[numbers - least] = True
    each = np.flatnonzero(there)
    place = np.empty(span, np.int64)
    place[each] = np.arange(len(each))
    return each + least, place[numbers - least]


def largest(scores: NDArray[Any], k: int) -> NDArray[np.int64]:
    """int64 [min(k, n)]: the places of the k largest, largest first; equal ones in their order. scores: no NaN."""
    places = np.arange(len(scores))
    if 0 < k < len(scores):
        # All that reach the k-th, so that of equal ones those that come first are kept.
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= least)
    return places[np.argsort(-scores[places], kind="stable")[:k]]

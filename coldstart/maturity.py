"""How well a person is known, and how much an early event teaches."""

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray


def maturity(events: float, *, scale_events: float) -> float:
    """0 for whom nothing is known of, towards 1: 1 − exp(−events ÷ scale_events)."""
    return 1.0 - exp(-max(events, 0.0) / scale_events)


def learning_rates(event_count: int, kept: int, steps: Sequence[tuple[int, float]]) -> NDArray[np.float32]:
    """float32 [kept]: by how much each of the newest `kept` of a person's `event_count` events, oldest first, is
    multiplied. `steps`: (for the next so many events, the factor), from the very first event; 1 after them."""
    rates = np.ones(kept, np.float32)
    first_kept = event_count - kept
    begins = 0
    for length, factor in steps:
        start, end = max(begins - first_kept, 0), max(begins + length - first_kept, 0)
        rates[start:end] = factor
        begins += length
    return rates

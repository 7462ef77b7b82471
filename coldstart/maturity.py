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
    multiplied. `steps`: (for the next so many events, the factor), from the very first event; 1 after them.

    Once the person has more events than the steps are long, the factors sink to 1 with the steps' length: what helps to
    learn a person quickly would hold a known one to where she began.
    """
    rates = np.ones(kept, np.float32)
    length = sum(events for events, _ in steps)
    strength = exp(-max(event_count - length, 0) / max(length, 1))
    first_kept = event_count - kept
    begins = 0
    for events, factor in steps:
        start, end = max(begins - first_kept, 0), max(begins + events - first_kept, 0)
        rates[start:end] = 1.0 + (factor - 1.0) * strength
        begins += events
    return rates

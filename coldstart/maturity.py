"""How well a person is known, and how much an early event teaches."""

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray


def maturity(events: float, *, scale_events: float) -> float:
    """0 for whom nothing is known of, towards 1: 1 − exp(−events ÷ scale_events)."""
    return 1.0 - exp(-max(events, 0.0) / scale_events)


def learning_rates(event_count: int, kept: int, steps: Sequence[tuple[int, float]]) -> NDArray[np.float32]:
    """float32 [kept]: by how much what a person did is multiplied, against what she said and what her kind does.

    `steps`: (for the next so many events, the factor), from the very first event; 1 after them. All events get the mean
    of the factors so far: five at first, then ever nearer to 1. Were each event to keep the factor of its place, a
    person would be held to where she began; on MovieLens 100K that cost known users .014 of Recall@100.
    """
    total, left = 0.0, event_count
    for events, factor in (*steps, (event_count, 1.0)):
        total += min(events, left) * factor
        left -= min(events, left)
    return np.full(kept, total / max(event_count, 1), np.float32)

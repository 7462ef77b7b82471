"""How often answers explore, so that exploring impressions stay below a share of all impressions."""

from dataclasses import dataclass

# One answer in ten goes without: only what is sometimes left out can be compared with what it displaced.
MOST = 0.9
# Of fewer impressions no share is worth stopping for.
_FEWEST = 1000


@dataclass(frozen=True, slots=True)
class Spent:
    """Impressions of this hour and the last one, and how many of them explored."""

    shown: int = 0
    explored: int = 0

    def exceeds(self, budget: float) -> bool:
        return self.shown >= _FEWEST and self.explored > budget * self.shown


def opening(budget: float, *, slots: int, k: int) -> float:
    """With which probability an answer of `k` opens its `slots`, so that they are `budget` of all places on average.

    0 to MOST.
    """
    return min(MOST, budget * k / slots) if slots > 0 else 0.0

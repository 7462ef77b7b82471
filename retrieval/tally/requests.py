"""The requests of this process by outcome, in slots of five minutes: what an error budget is reckoned from."""

import threading
import time
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from retrieval.objectives import latency_ms

SLOT_S = 300
# A week without Postgres; what is older is given up.
_MOST_SLOTS = 7 * 24 * 3600 // SLOT_S


@dataclass(slots=True)
class RequestCell:
    """As `retrieval.models.RequestSlot`: six outcomes, of which each request has one, and what was timed."""

    served: int = 0
    degraded: int = 0
    refused: int = 0
    limited: int = 0
    shed: int = 0
    failed: int = 0
    timed: int = 0
    slow: int = 0

    def __iadd__(self, other: "RequestCell") -> "RequestCell":
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    @property
    def requests(self) -> int:
        return self.served + self.degraded + self.refused + self.limited + self.shed + self.failed


COUNTED = tuple(field.name for field in fields(RequestCell))
Slots = dict[int, RequestCell]  # by the number of the slot since 1970


class RequestCounts:
    """Adds from any thread. What could not be stored is put back, and is added to what came meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: Slots = {}

    def add(self, outcome: str, *, timed: bool = False, slow: bool = False) -> None:
        slot = int(time.time()) // SLOT_S
        with self._lock:
            cell = self._slots.get(slot) or self._slots.setdefault(slot, RequestCell())
            setattr(cell, outcome, getattr(cell, outcome) + 1)
            cell.timed += timed
            cell.slow += slow

    def taken(self) -> Slots:
        with self._lock:
            slots, self._slots = self._slots, {}
        return slots

    def put_back(self, slots: Slots) -> int:
        """How many requests had to be given up, the oldest: there is an end to what a process can remember."""
        with self._lock:
            for slot, cell in slots.items():
                if slot in self._slots:
                    self._slots[slot] += cell
                else:
                    self._slots[slot] = cell
            surplus = sorted(self._slots)[:-_MOST_SLOTS]
            return sum(self._slots.pop(slot).requests for slot in surplus)


REQUESTS = RequestCounts()


def count_outcome(status: int, *, degraded: bool = False, ms: float | None = None) -> None:
    """Counts one answer by its HTTP status. ms: of a request that the objective of latency is about."""
    REQUESTS.add(
        outcome_of(status, degraded=degraded), timed=ms is not None, slow=ms is not None and ms > latency_ms()
    )


def count_shed() -> None:
    """Counts a request that was refused because there was no room for it."""
    REQUESTS.add("shed")


def outcome_of(status: int, *, degraded: bool = False) -> str:
    """The name in `RequestCell`: what the client got wrong spends nobody's budget, nor does a used-up rate."""
    if status >= 500:
        return "failed"
    if status == 429:
        return "limited"
    if status >= 400:
        return "refused"
    return "degraded" if degraded else "served"


def start_of(slot: int) -> datetime:
    return datetime.fromtimestamp(slot * SLOT_S, UTC)

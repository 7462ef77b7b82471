"""The counts of this process since they were last stored."""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.tally.histogram import BUCKETS

Amounts = NDArray[np.floating[Any]]
# Of surfaces that clients make up there must be an end; what is beyond is counted under a name of its own.
_SURFACES = 200
OTHER_SURFACE = "(other)"


@dataclass(slots=True)
class AnswerCell:
    answers: int = 0
    short: int = 0
    degraded: int = 0
    ms_counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)


@dataclass(slots=True)
class WorkCell:
    calls: int = 0
    failed: int = 0
    ms: float = 0.0
    candidates: int = 0
    sole: int = 0


@dataclass(slots=True)
class Cells:
    """answers: by hour, surface and level; work: by hour and source; proposed: by hour and the sources of a mix."""

    answers: dict[tuple[datetime, str, str], AnswerCell] = field(default_factory=dict)
    work: dict[tuple[datetime, str], WorkCell] = field(default_factory=dict)
    proposed: dict[tuple[datetime, tuple[str, ...]], tuple[Amounts, Amounts]] = field(default_factory=dict)
    pairs: dict[tuple[date, str, str], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.answers or self.work or self.proposed)

    def settle(self) -> None:
        """Adds what was proposed to the sources' work, and to what each two of them, in order, shared in a day."""
        for (hour, sources), (alone, both) in self.proposed.items():
            for place, source in enumerate(sources):
                cell = self.work.setdefault((hour, source), WorkCell())
                cell.candidates += int(both[place, place])
                cell.sole += int(alone[place])
                for beside, other in enumerate(sources):
                    if source < other and both[place, beside]:
                        key = (hour.date(), source, other)
                        self.pairs[key] = self.pairs.get(key, 0) + int(both[place, beside])
        self.proposed.clear()


class Counts:
    """Adds from any thread; `taken` hands over what there is and begins anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cells = Cells()
        self._surfaces: set[str] = set()

    def taken(self) -> Cells:
        with self._lock:
            cells, self._cells = self._cells, Cells()
            self._surfaces.clear()
        return cells

    def answered(
        self, hour: datetime, surface: str, level: str, bucket: int, *, short: bool, degraded: bool
    ) -> None:
        with self._lock:
            if surface not in self._surfaces and len(self._surfaces) >= _SURFACES:
                surface = OTHER_SURFACE
            self._surfaces.add(surface)
            named = (hour, surface, level)
            # A cell is long: none is made to be thrown away.
            cell = self._cells.answers.get(named) or self._cells.answers.setdefault(named, AnswerCell())
            cell.answers += 1
            cell.short += short
            cell.degraded += degraded
            cell.ms_counts[bucket] += 1

    def worked(self, hour: datetime, source: str, *, ms: float, failed: bool) -> None:
        with self._lock:
            cell = self._cells.work.setdefault((hour, source), WorkCell())
            cell.calls += 1
            cell.ms += ms
            cell.failed += failed

    def proposed(self, hour: datetime, sources: tuple[str, ...], alone: Amounts, both: Amounts) -> None:
        """As `retrieval.tally.counting.proposals`."""
        with self._lock:
            before = self._cells.proposed.get((hour, sources))
            if before is not None:
                alone, both = before[0] + alone, before[1] + both
            self._cells.proposed[hour, sources] = alone, both


COUNTS = Counts()

"""The counts of this process since they were last stored."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.tally.histogram import BUCKETS

Amounts = NDArray[np.floating[Any]]
# Of surfaces that clients make up there must be an end; what is beyond is counted under a name of its own.
_SURFACES = 200
_CELLS = 2_000  # of answers, whatever surfaces and arms there are
OTHER_SURFACE = "(other)"


@dataclass(slots=True)
class AnswerCell:
    answers: int = 0
    short: int = 0
    degraded: int = 0
    ms_counts: list[int] = field(default_factory=lambda: [0] * BUCKETS)

    def add(self, other: "AnswerCell") -> None:
        self.answers += other.answers
        self.short += other.short
        self.degraded += other.degraded
        self.ms_counts = [mine + more for mine, more in zip(self.ms_counts, other.ms_counts, strict=True)]


@dataclass(slots=True)
class LookCell:
    """How often one level of the cache was asked, by what it said."""

    hits: int = 0
    misses: int = 0
    errors: int = 0


@dataclass(slots=True)
class WorkCell:
    calls: int = 0
    failed: int = 0
    ms: float = 0.0
    candidates: int = 0
    sole: int = 0


@dataclass(slots=True)
class Cells:
    """noted: by hour, surface, level and arms (`Answer.counts_for`), as answers come; proposed: by hour and the sources
    of a mix. What is stored is made of them when they are taken:

    answers: by hour, surface and level; by_arm: by hour, arm, surface and level; arms: by arm and level; looks: by
    hour, surface and level; work: by hour and source; pairs: by day and two sources.
    """

    noted: dict[tuple[datetime, str, str, bytes], AnswerCell] = field(default_factory=dict)
    proposed: dict[tuple[datetime, tuple[str, ...]], tuple[Amounts, Amounts]] = field(default_factory=dict)
    answers: dict[tuple[datetime, str, str], AnswerCell] = field(default_factory=dict)
    by_arm: dict[tuple[datetime, int, str, str], AnswerCell] = field(default_factory=dict)
    arms: dict[tuple[int, str], AnswerCell] = field(default_factory=dict)
    looks: dict[tuple[datetime, str, str], LookCell] = field(default_factory=dict)
    work: dict[tuple[datetime, str], WorkCell] = field(default_factory=dict)
    pairs: dict[tuple[date, str, str], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.answers or self.looks or self.work)

    def settle(self) -> None:
        self._settle_answers()
        self._settle_proposals()

    def _settle_answers(self) -> None:
        for (hour, surface, level, arms), cell in self.noted.items():
            self.answers.setdefault((hour, surface, level), AnswerCell()).add(cell)
            if level == "ready":
                self.looks.setdefault((hour, surface, level), LookCell()).hits += cell.answers
            for arm in np.frombuffer(arms, "<i8").tolist():
                self.by_arm.setdefault((hour, arm, surface, level), AnswerCell()).add(cell)
                self.arms.setdefault((arm, level), AnswerCell()).add(cell)
        self.noted.clear()

    def _settle_proposals(self) -> None:
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
        cells.settle()
        return cells

    def answered(
        self,
        hour: datetime,
        surface: str,
        level: str,
        bucket: int,
        *,
        short: bool,
        degraded: bool,
        arms: bytes = b"",
    ) -> None:
        named = (hour, surface, level, arms)
        with self._lock:
            cell = self._cells.noted.get(named)
            if cell is None:
                named = (hour, self._known(surface), level, arms)
                # A cell is long: none is made to be thrown away.
                cell = self._cells.noted.get(named) or self._cells.noted.setdefault(named, AnswerCell())
            cell.answers += 1
            cell.short += short
            cell.degraded += degraded
            cell.ms_counts[bucket] += 1

    def looked(self, hour: datetime, surface: str, looks: Iterable[tuple[str, str]]) -> None:
        """looks: (level, "hit", "miss" or "error") of one answer."""
        with self._lock:
            surface = self._known(surface)
            for level, result in looks:
                cell = self._cells.looks.setdefault((hour, surface, level), LookCell())
                cell.hits += result == "hit"
                cell.misses += result == "miss"
                cell.errors += result == "error"

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

    def _known(self, surface: str) -> str:
        if surface not in self._surfaces:
            if len(self._surfaces) >= _SURFACES or len(self._cells.noted) >= _CELLS:
                return OTHER_SURFACE
            self._surfaces.add(surface)
        return surface


COUNTS = Counts()

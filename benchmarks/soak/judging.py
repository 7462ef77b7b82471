"""From what was seen to figures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.faults.clients import Attempt
from benchmarks.figures import Figure
from benchmarks.soak.moves import Move
from benchmarks.soak.traffic import Sighting
from benchmarks.soak.watching import Life, ends

SUITE = "soak"
SERVED_WITHIN_S = 2.0
# A process that lives for less of the steady time says nothing of growth.
_LONG_ENOUGH = 0.8
_AFTER_RELOAD_S = 30.0


@dataclass(frozen=True, slots=True)
class Growth:
    role: str
    from_mb: float
    to_mb: float

    @property
    def share(self) -> float:
        return self.to_mb / self.from_mb - 1


def errors(attempts: Iterable[Attempt]) -> list[Attempt]:
    """All but a plain 200: a refusal is one too, for nothing that is sent is wrong."""
    return [a for a in attempts if a.status != 200]


def while_reloading(attempts: Iterable[Attempt], reloads: Sequence[float]) -> list[Attempt]:
    return [a for a in attempts if any(0 <= a.due - at < _AFTER_RELOAD_S for at in reloads)]


def served_after_s(sightings: Iterable[Sighting], moves: Sequence[Move], what: str) -> float:
    """The longest time after a move for which a request was still answered with what was before; 0: never. Sightings
    need not be in order."""
    moves = [move for move in moves if move.what == what]
    longest = 0.0
    for seen in sightings:
        before = [move for move in moves if move.at <= seen.sent]
        # What came while the request was under way is right as well.
        meanwhile = {move.number for move in moves if seen.sent < move.at and move.begun <= seen.answered}
        if before and getattr(seen, what) not in {before[-1].number, *meanwhile}:
            longest = max(longest, seen.sent - before[-1].at)
    return longest


def growths(lives: Iterable[Life], since: float, until: float) -> list[Growth]:
    """Of each process that lived through nearly all of the time between them, and of all of those together."""
    found = []
    for life in lives:
        steady = life.between(since, until)
        if steady.at and steady.at[-1] - steady.at[0] >= _LONG_ENOUGH * (until - since):
            found.append(Growth(life.role, *steady.ends_mb()))
    found.sort(key=lambda growth: growth.role)
    whole = Growth("all", sum(one.from_mb for one in found), sum(one.to_mb for one in found))
    return [*found, whole] if found else []


def connection_ends(seen: Sequence[tuple[float, float]], since: float, until: float) -> tuple[float, float]:
    return ends([count for at, count in seen if since <= at <= until])


def latencies(attempts: Iterable[Attempt]) -> Mapping[str, tuple[int, float, float, float]]:
    """By kind how many were answered with 200, and p50, p95 and p99 in milliseconds."""
    by_kind = defaultdict(list)
    for attempt in attempts:
        if attempt.status == 200:
            by_kind[attempt.kind].append(attempt.latency_ms)
    of_kind = {}
    for kind, found in sorted(by_kind.items()):
        p50, p95, p99 = np.percentile(found, [50, 95, 99]).tolist()
        of_kind[kind] = (len(found), p50, p95, p99)
    return of_kind


@dataclass(frozen=True, slots=True)
class Record:
    """What was seen of a run. `since`, `until` (monotonic): between them memory and connections are compared."""

    attempts: Sequence[Attempt]
    sightings: Sequence[Sighting]
    contradictions: int
    moves: Sequence[Move]
    reloads: Sequence[float]
    lives: Sequence[Life]
    connections: Mapping[str, Sequence[tuple[float, float]]]
    since: float
    until: float


def figures(record: Record) -> list[Figure]:
    """A reference is what it was at the beginning, or what is allowed."""
    return [*_of_traffic(record), *_of_publishing(record), *_of_growth(record), *_of_speed(record)]


def _of_traffic(record: Record) -> list[Figure]:
    bad, n = errors(record.attempts), len(record.attempts)
    reloading = len(while_reloading(bad, record.reloads))
    return [
        Figure(SUITE, "traffic", "errors", len(bad), "requests", n),
        Figure(SUITE, "traffic", "errors_while_reloading", reloading, "requests", n),
    ]


def _of_publishing(record: Record) -> list[Figure]:
    looked_into = sum(a.kind == "full" and a.status == 200 for a in record.attempts)
    rows = [Figure(SUITE, "publishing", "answers_that_mix", record.contradictions, "answers", looked_into)]
    for what in ("mix", "model"):
        late_s = served_after_s(record.sightings, record.moves, what)
        n = sum(move.what == what for move in record.moves)
        rows.append(Figure(SUITE, "publishing", f"{what}_served_after_s", late_s, "s", n, SERVED_WITHIN_S))
    return rows


def _of_growth(record: Record) -> list[Figure]:
    rows = []
    for growth in growths(record.lives, record.since, record.until):
        case = f"memory of {growth.role}"
        rows.append(Figure(SUITE, case, "growth", growth.share, "share", 1))
        rows.append(Figure(SUITE, case, "own_mb", growth.to_mb, "MB", 1, growth.from_mb))
    for server, seen in record.connections.items():
        first, last = connection_ends(seen, record.since, record.until)
        rows.append(Figure(SUITE, f"connections of {server}", "connections", last, "connections", 1, first))
    return rows


def _of_speed(record: Record) -> list[Figure]:
    names = ("p50_ms", "p95_ms", "p99_ms")
    return [
        Figure(SUITE, kind, name, value, "ms", n)
        for kind, (n, *percentiles) in latencies(record.attempts).items()
        for name, value in zip(names, percentiles, strict=True)
    ]

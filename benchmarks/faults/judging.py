"""From attempts to figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import psycopg

from benchmarks.faults.clients import Attempt
from benchmarks.figures import Figure

SUITE = "faults"
# Nobody listened, or who had accepted it was killed or ended before the answer.
NOBODY_THERE = frozenset(
    {"ConnectionRefusedError", "ConnectionResetError", "RemoteDisconnected", "BrokenPipeError"}
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What one case did. `attempts`: those that were due from the break until all was whole; `recovery_s`: from the
    healing, or from the break where the product heals itself."""

    case: str
    attempts: Sequence[Attempt]
    recovery_s: float
    without_postgres: bool
    acknowledged: int
    lost: int
    stored_twice: int


def unexpected(attempt: Attempt, *, without_postgres: bool) -> bool:
    """Candidates could have come from a cache or the floor; an event can only be kept by Postgres."""
    right = without_postgres and attempt.kind == "event" and attempt.status == 503 and attempt.retry_after
    return attempt.status >= 500 and not right


def served(attempt: Attempt, *, without_postgres: bool) -> bool:
    return attempt.status > 0 and not unexpected(attempt, without_postgres=without_postgres)


def answerable(attempt: Attempt) -> bool:
    """Whether a cache or the floor could have answered: it asked for candidates, and there was a process to ask."""
    return attempt.kind != "event" and (attempt.status > 0 or attempt.trouble not in NOBODY_THERE)


def answerable_missed(attempt: Attempt) -> bool:
    return answerable(attempt) and not served(attempt, without_postgres=False)


def figures_of(trial: Trial, calm: Sequence[Attempt]) -> list[Figure]:
    """calm: attempts of the same run while nothing was broken."""
    n = len(trial.attempts)
    p99, calm_p99 = p99_ms(trial.attempts), p99_ms(calm)
    bad = sum(unexpected(a, without_postgres=trial.without_postgres) for a in trial.attempts)
    values: list[tuple[str, float, str, int, float | None]] = [
        ("unexpected_5xx", bad, "requests", n, None),
        ("unanswered", sum(a.status == 0 for a in trial.attempts), "requests", n, None),
        ("strange_items", sum(a.strange_items for a in trial.attempts), "items", n, None),
        ("answerable_unanswered", sum(map(answerable_missed, trial.attempts)), "requests", n, None),
        ("degraded", sum(bool(a.degraded) for a in trial.attempts), "requests", n, None),
        ("recovery_s", trial.recovery_s, "s", 1, None),
        ("acknowledged_lost", trial.lost, "events", trial.acknowledged, None),
        ("stored_twice", trial.stored_twice, "events", trial.acknowledged, None),
        ("added_p99_ms", p99 - calm_p99, "ms", n, calm_p99),
    ]
    return [Figure(SUITE, trial.case, *row[:3], n=row[3], reference=row[4]) for row in values]


def availabilities(trials: Iterable[Trial], calm: Sequence[Attempt]) -> list[Figure]:
    """Of all requests of the run the share that got an answer, a 503 for an event without Postgres among them; and of
    the `answerable` ones alone."""
    judged = [(a, served(a, without_postgres=t.without_postgres)) for t in trials for a in t.attempts]
    judged += [(a, served(a, without_postgres=False)) for a in calm]
    could_be = [was for attempt, was in judged if answerable(attempt)]
    rows = {"availability": [was for _, was in judged], "availability_of_answerable": could_be}
    return [
        Figure(SUITE, "whole run", metric, float(np.mean(were)) if were else 1.0, "share", len(were))
        for metric, were in rows.items()
    ]


def p99_ms(attempts: Sequence[Attempt]) -> float:
    """Of those that were answered at all; of fewer than a hundred it is about the slowest."""
    latencies = [a.latency_ms for a in attempts if a.status]
    return float(np.percentile(latencies, 99)) if latencies else 0.0


def statuses(attempts: Iterable[Attempt]) -> str:
    """Most frequent first: "61 × 200, 4 × 503"; without an answer by the trouble's name."""
    counts = Counter(str(a.status) if a.status else a.trouble for a in attempts)
    return ", ".join(f"{n} × {what}" for what, n in counts.most_common())


def compare(database_url: str, prefix: str, acknowledged: set[str]) -> tuple[int, int]:
    """(how many of the acknowledged event ids the table lacks, how many it has more than once)"""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT event_id, count(*) FROM catalog_interaction WHERE event_id LIKE %s GROUP BY 1",
            [f"{prefix}-%"],
        ).fetchall()
    stored = {str(event_id): int(times) for event_id, times in rows}
    return len(acknowledged - stored.keys()), sum(times > 1 for times in stored.values())

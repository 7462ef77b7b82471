"""A realistic log of requests, replayed through the request path: how often each level of the cache answers, and why it
does not.

People come in sessions, some far more often than others (Zipf); within a session they ask every minute or so, and now
and then do something in between. The clock is the log's: it jumps from request to request, so that values live as long
as they do in production, however slow the machine is. What Valkey itself would have dropped is still there, and
counts as expired.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import time_machine
from prometheus_client import REGISTRY

from benchmarks.figures import Figure
from catalog.events import Event
from catalog.models import Item, User
from retrieval import ahead
from retrieval.config import config, overridden
from retrieval.ingest import ingest
from retrieval.service import retrieve
from retrieval.types import Request

_LOG_S, _COUNTED_FROM_S = 3 * 3600.0, 3600.0  # in the first hour the levels fill
_SESSIONS = 300
_USERS, _ZIPF = 300, 0.9
_ACTIVE = _USERS // 10  # as many are warmed
_PER_SESSION, _PAUSE_S = 6, 60.0
_DOES_SOMETHING = 0.12  # between two requests
_EXPECTED = {"L1": "60–70 %", "L2": "80–90 %", "L3": "10–15 %"}
Tally = Counter[tuple[str, str]]  # (level, result or reason) → how often


@dataclass(frozen=True, slots=True)
class Line:
    """at_s: since the log began; acts: whether the user does something just before."""

    at_s: float
    user: str
    acts: bool


@dataclass(slots=True)
class Replayed:
    levels: Counter[str] = field(default_factory=Counter)  # which answered how often
    found: Tally = field(default_factory=Counter)
    missed: Tally = field(default_factory=Counter)


def make_log(users: Sequence[str], chance: np.random.Generator) -> list[Line]:
    """In order of time. users: the most active first."""
    weights = 1.0 / np.arange(1, len(users) + 1) ** _ZIPF
    lines: list[Line] = []
    for _ in range(_SESSIONS):
        user = users[int(chance.choice(len(users), p=weights / weights.sum()))]
        at_s = float(chance.uniform(0, _LOG_S))
        for _ in range(int(chance.geometric(1 / _PER_SESSION))):
            if at_s < _LOG_S:
                lines.append(Line(at_s, user, bool(chance.random() < _DOES_SOMETHING)))
            at_s += float(chance.exponential(_PAUSE_S))
    return sorted(lines, key=lambda line: line.at_s)


def replay_figures(case: str = "replay") -> list[Figure]:
    """Shares of requests that L1 and L3 answered, and of look-ups of a user's vector that L2 did; of what each level
    was asked for in vain, why."""
    chance = np.random.default_rng(4)
    users = list(User.objects.order_by("id").values_list("external_id", flat=True)[: 10 * _USERS])
    chance.shuffle(users)
    with overridden(deadline_ms=5_000):
        done = _replay(make_log(users[:_USERS], chance), users[:_ACTIVE])
    n = sum(done.levels.values())
    looked_up = done.found["L2", "hit"] + done.found["L2", "miss"]
    shares = {
        "L1": done.levels["L1"] / n,
        "L2": done.found["L2", "hit"] / max(looked_up, 1),
        "L3": done.levels["L3"] / n,
    }
    for level, share in shares.items():
        print(f"{level}: {share:.0%} hit, {_EXPECTED[level]} expected by the design")
    figures = [
        Figure("bench", case, f"hit rate {level}", share, "share", looked_up if level == "L2" else n)
        for level, share in shares.items()
    ]
    for (level, reason), times in sorted(done.missed.items()):
        if level in shares:
            print(f"{level}: {times} misses: {reason}")
            figures.append(Figure("bench", case, f"misses {level}, {reason}", times, "look-ups", n))
    return figures


def _replay(log: Sequence[Line], active: Sequence[str]) -> Replayed:
    """What the cache did for the requests that count."""
    items = list(Item.objects.values_list("external_id", flat=True)[:5_000])
    began = dt.datetime.now(dt.UTC)
    warmed_at_s, done = float("-inf"), Replayed()
    with time_machine.travel(began, tick=True) as clock:
        for number, line in enumerate(log):
            now = began + dt.timedelta(seconds=line.at_s)
            clock.move_to(now)
            if line.at_s - warmed_at_s >= config().precomputed_ttl_s:
                warmed_at_s = line.at_s
                ahead.precompute(active, now=now)
                clock.move_to(now)  # Celery does it beside the requests
            if line.acts:
                item = items[number % len(items)]
                ingest([Event(None, line.user, item, "click", occurred_at=now)], now=now)
            found, missed = (
                _counted("headwater_cache", "result"),
                _counted("headwater_cache_misses", "reason"),
            )
            level = retrieve(Request(user=line.user, k=1000, now=now)).cache.level or "none"
            if line.at_s >= _COUNTED_FROM_S:
                done.levels[level] += 1
                done.found += _counted("headwater_cache", "result") - found
                done.missed += _counted("headwater_cache_misses", "reason") - missed
    return done


def _counted(metric: str, what: str) -> Tally:
    """What this process has counted so far."""
    return Counter({place: times for place, times in _samples(metric, what) if times})


def _samples(name: str, what: str) -> Iterator[tuple[tuple[str, str], int]]:
    for metric in REGISTRY.collect():
        if metric.name == name:
            for sample in metric.samples:
                if sample.name == f"{name}_total":
                    yield (sample.labels["level"], sample.labels[what]), int(sample.value)

"""A realistic log of requests, replayed through the request path: how often each level of the cache answers.

People come in sessions, some far more often than others (Zipf); within a session they ask every minute or so, and now
and then do something in between. The log's time and the cache's times to live are compressed alike.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from prometheus_client import REGISTRY
from prometheus_client.samples import Sample

from benchmarks.figures import Figure
from catalog.events import Event
from catalog.models import Item, User
from retrieval import ahead
from retrieval.config import config, overridden
from retrieval.ingest import ingest
from retrieval.service import retrieve
from retrieval.types import Request

COMPRESSED = 60  # an hour of the log takes a minute
_LOG_S = 3600.0
_REQUESTS = 500
_USERS, _ZIPF = 700, 0.9
_PER_SESSION, _PAUSE_S = 6, 60.0
_DOES_SOMETHING = 0.12  # between two requests
_EXPECTED = {"L1": "60–70 %", "L2": "80–90 %", "L3": "10–15 %"}


@dataclass(frozen=True, slots=True)
class Line:
    """at_s: since the log began; acts: whether the user does something just before."""

    at_s: float
    user: str
    acts: bool


def make_log(users: Sequence[str], chance: np.random.Generator) -> list[Line]:
    """In order of time. users: the most active first."""
    weights = 1.0 / np.arange(1, len(users) + 1) ** _ZIPF
    lines: list[Line] = []
    while len(lines) < _REQUESTS:
        user = users[int(chance.choice(len(users), p=weights / weights.sum()))]
        at_s = float(chance.uniform(0, _LOG_S))
        for _ in range(int(chance.geometric(1 / _PER_SESSION))):
            if at_s < _LOG_S:
                lines.append(Line(at_s, user, bool(chance.random() < _DOES_SOMETHING)))
            at_s += float(chance.exponential(_PAUSE_S))
    return sorted(lines[:_REQUESTS], key=lambda line: line.at_s)


def replay_figures(case: str = "replay") -> list[Figure]:
    """Shares of requests that L1 and L3 answered, of look-ups that L2 did; how late the replay ran."""
    active = ahead.most_active(dt.datetime.now(dt.UTC))
    chance = np.random.default_rng(4)
    others = list(User.objects.values_list("external_id", flat=True)[: 10 * _USERS])
    chance.shuffle(others)
    users = [*active[: _USERS // 10], *others][:_USERS]
    settings = config()
    with overridden(
        candidates_ttl_s=settings.candidates_ttl_s // COMPRESSED,
        vector_ttl_s=settings.vector_ttl_s // COMPRESSED,
        precomputed_ttl_s=settings.precomputed_ttl_s // COMPRESSED,
        stale_s=max(settings.stale_s // COMPRESSED, 1),
        deadline_ms=5_000,
    ):
        levels, late_s = _replay(make_log(users, chance), active[: _USERS // 10])
    vectors = _vector_look_ups()
    n = sum(levels.values())
    shares = {
        "L1": levels["L1"] / n,
        "L2": vectors["hit"] / max(vectors["hit"] + vectors["miss"], 1),
        "L3": levels["L3"] / n,
    }
    for level, share in shares.items():
        print(f"{level}: {share:.0%} hit, {_EXPECTED[level]} expected by the design")
    return [
        *(Figure("bench", case, f"hit rate {level}", share, "share", n) for level, share in shares.items()),
        Figure("bench", case, "late", late_s, "s", n),
    ]


def _replay(log: Sequence[Line], active: Sequence[str]) -> tuple[Counter[str], float]:
    """(which level answered how often; how late the last request was)"""
    items = list(Item.objects.values_list("external_id", flat=True)[:5_000])
    warm_every_s = config().precomputed_ttl_s
    levels: Counter[str] = Counter()
    began, warmed_at, late_s = time.monotonic(), float("-inf"), 0.0
    for number, line in enumerate(log):
        if time.monotonic() - warmed_at >= warm_every_s:
            warmed_at = time.monotonic()
            # What Celery does beside it stops the clock here.
            ahead.precompute(active[:20], now=dt.datetime.now(dt.UTC))
            began += time.monotonic() - warmed_at
        wait_s = began + line.at_s / COMPRESSED - time.monotonic()
        time.sleep(max(0.0, wait_s))
        late_s = max(0.0, -wait_s)
        now = dt.datetime.now(dt.UTC)
        if line.acts:
            ingest([Event(None, line.user, items[number % len(items)], "click", occurred_at=now)], now=now)
        levels[retrieve(Request(user=line.user, k=1000, now=now)).cache.level or "none"] += 1
    return levels, late_s


def _vector_look_ups() -> Counter[str]:
    found: Counter[str] = Counter()
    for sample in _samples():
        if sample.labels.get("level") == "L2":
            found[sample.labels["result"]] += int(sample.value)
    return found


def _samples() -> Iterator[Sample]:
    for metric in REGISTRY.collect():
        if metric.name == "headwater_cache":
            yield from (sample for sample in metric.samples if sample.name == "headwater_cache_total")

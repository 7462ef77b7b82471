"""One fault under load: what clients got, how long until all was well, what was lost."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import httpx
import numpy as np
import psycopg

from benchmarks.faults.cases import Case
from benchmarks.faults.plant import Plant
from benchmarks.faults.traffic import Seen, Traffic
from benchmarks.figures import Figure

_BEFORE_S = 3.0
_WELL_IN_A_ROW = 3
_READS = ("candidates", "sessions")


@dataclass(frozen=True, slots=True)
class Outcome:
    """recovery_s: from the mending until answers are whole, NaN where they never were. answered: share of reads with
    candidates. unexpected_5xx: of reads, every 5xx; of writes, what isn't a 503 with Retry-After, and those too where
    writing was possible. shed: of the 5xx, those that said that there were too many. broken: connections that ended
    without an answer; late: no answer in ten seconds."""

    case: str
    requests: int
    answered: float
    degraded: float
    unexpected_5xx: int
    broken: int
    late: int
    shed: int
    recovery_s: float
    acknowledged: int
    acknowledged_lost: int
    added_p99_ms: float
    statuses: dict[str, dict[int, int]]

    def figures(self) -> list[Figure]:
        values = {
            "acknowledged_lost": (self.acknowledged_lost, "events", self.acknowledged),
            "unexpected_5xx": (self.unexpected_5xx, "answers", self.requests),
            "broken_connections": (self.broken, "requests", self.requests),
            "shed": (self.shed, "answers", self.requests),
            "unanswered_in_10_s": (self.late, "requests", self.requests),
            "reads_answered": (self.answered, "share", self.requests),
            "recovery_s": (self.recovery_s, "s", 1),
            "added_p99_ms": (self.added_p99_ms, "ms", self.requests),
        }
        return [Figure("faults", self.case, name, float(v), unit, n) for name, (v, unit, n) in values.items()]


def measured(case: Case, plant: Plant, traffic: Traffic) -> Outcome:
    """Breaks and mends; the traffic goes on."""
    time.sleep(_BEFORE_S)
    began = time.monotonic()
    before = traffic.since(began - _BEFORE_S, began - 0.3)
    case.breaks(plant)
    time.sleep(case.lasts_s)
    mending = time.monotonic()
    case.mends(plant)
    recovery_s = _recovery_s(case, plant, mending)
    over = time.monotonic()
    time.sleep(1)
    meanwhile = traffic.since(began, over)
    faulty = [one for one in meanwhile if one.due < mending]
    reads = [one for one in meanwhile if one.kind in _READS]
    acknowledged = set(traffic.acknowledged)
    return Outcome(
        case=case.name,
        requests=len(meanwhile),
        answered=_share(reads, [one for one in reads if one.status == 200 and one.count]),
        degraded=_share(reads, [one for one in reads if one.degraded]),
        unexpected_5xx=sum(_unexpected(one, case) for one in meanwhile),
        broken=sum(one.status == 0 for one in meanwhile),
        late=sum(one.status == -1 for one in meanwhile),
        shed=sum(one.shed for one in meanwhile),
        recovery_s=recovery_s,
        acknowledged=len(acknowledged),
        acknowledged_lost=len(acknowledged - stored(plant, acknowledged)),
        added_p99_ms=_p99(faulty) - _p99(before),
        statuses=_statuses(meanwhile),
    )


def stored(plant: Plant, names: Iterable[str]) -> set[str]:
    """Which of the events are in Postgres, asked past the proxy."""
    with psycopg.connect(plant.addresses.database_url) as connection:
        rows = connection.execute(
            "SELECT event_id FROM catalog_interaction WHERE event_id = ANY(%s)", [list(names)]
        )
        return {row[0] for row in rows}


def _unexpected(one: Seen, case: Case) -> bool:
    if one.status < 500:
        return False
    if one.kind in _READS:
        return True
    return one.status != 503 or not one.retry_after or case.writes_survive


def _recovery_s(case: Case, plant: Plant, mended: float) -> float:
    well = 0
    headers = {"authorization": f"Api-Key {plant.key}"}
    with httpx.Client(base_url=plant.url, headers=headers, timeout=2) as client:
        while time.monotonic() < mended + case.patience_s:
            if well == 0:
                first = time.monotonic()
            well = well + 1 if _is_well(client) else 0
            if well >= _WELL_IN_A_ROW and case.whole(plant):
                return first - mended
            time.sleep(0.1)
    return float("nan")


def _is_well(client: httpx.Client) -> bool:
    try:
        answer = client.get("/api/v1/users/u1/candidates?k=20&fields=ids")
        ready = client.get("/readyz").json()
    except (httpx.HTTPError, ValueError):
        return False
    return answer.status_code == 200 and not answer.json()["degraded"] and ready.get("status") == "ready"


def _p99(seen: list[Seen]) -> float:
    times = [one.ms for one in seen if one.kind in _READS]
    return float(np.percentile(times, 99)) if times else float("nan")


def _share(all_of_them: list[Seen], some: list[Seen]) -> float:
    return len(some) / len(all_of_them) if all_of_them else float("nan")


def _statuses(seen: list[Seen]) -> dict[str, dict[int, int]]:
    return {
        kind: dict(Counter(one.status for one in seen if one.kind == kind))
        for kind in sorted({one.kind for one in seen})
    }

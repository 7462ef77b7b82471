"""From what a request costs here to what a large installation needs; each assumption is a line of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure


@dataclass(frozen=True, slots=True)
class Assumptions:
    average_per_second: int = 115_000
    peak_per_second: int = 500_000
    users: int = 100_000_000
    items: int = 10_000_000
    share_kept: float = 0.77  # of requests that L1 or L3 answers
    searches: int = 3  # of a cold answer, as the default mix has them
    growth_10m: float = 2.1  # a search among 10 million takes so many times one among a million, as measured
    used: float = 0.6  # of a core at the peak; the rest is for bursts and a lost machine
    cores_per_machine: int = 32
    per_user_in_five_minutes: float = 3.0  # requests of a user who is there
    bytes_kept: int = 60_000  # a packed pool of about 1,900 candidates
    events_per_user: int = 20
    event_bytes: int = 26
    user_row_bytes: int = 300  # user, index entries, history row without its events
    item_vector_bytes: int = 850  # two half-precision vectors of 128 and the graph
    item_row_bytes: int = 400  # row, its indexes
    redis_node_gb: int = 48


def plan(figures: Sequence[Figure], given: Assumptions | None = None) -> list[str]:
    """Markdown: the plan, the assumptions. Empty where the run measured no large catalogue."""
    a = given or Assumptions()
    values = {(figure.case, figure.metric): figure.value for figure in figures}
    size = next((size for size in ("1m", "100k") if (f"cold-{size}", "cpu_ms") in values), None)
    if size is None:
        return []
    cold_ms = values[f"cold-{size}", "cpu_ms"]
    kept_ms = values[f"warm-{size}", "cpu_ms of kept candidates"]
    search_ms = values[f"cold-{size}", "cpu_ms of the search"]
    rows = ["", f"Measured at {size}: {kept_ms:.1f} ms of CPU for kept candidates, {cold_ms:.1f} ms for a cold answer,",
            f"of which each of {a.searches} searches is {search_ms:.1f} ms.", "",
            "| | average | peak |", "|---|---:|---:|"]  # fmt: skip
    columns = [
        _needs(rate, a, cold_ms, kept_ms, search_ms) for rate in (a.average_per_second, a.peak_per_second)
    ]
    rows += [f"| {name} | {columns[0][name]:,} | {columns[1][name]:,} |" for name in columns[0]]
    postgres_gb = (a.users * (a.user_row_bytes + a.events_per_user * a.event_bytes)
                   + a.items * (a.item_row_bytes + a.item_vector_bytes)) / 1e9  # fmt: skip
    vectors_gb = a.items * a.item_vector_bytes / 1e9
    return [
        *rows,
        "",
        f"Postgres: {postgres_gb:,.0f} GB with all users and items; a replica's memory must hold the vectors and their "
        f"index, {vectors_gb:.1f} GB, and the histories of who is active.",
        "",
        "Assumptions:",
        "",
        *_assumptions(a),
    ]


def _needs(
    per_second: int, a: Assumptions, cold_ms: float, kept_ms: float, search_ms: float
) -> dict[str, int]:
    cold = per_second * (1 - a.share_kept)
    searches_ms = a.searches * search_ms
    replica_cores = cold * searches_ms * a.growth_10m / 1000 / a.used
    web_cores = (per_second * a.share_kept * kept_ms + cold * (cold_ms - searches_ms)) / 1000 / a.used
    here = per_second * 300 / a.per_user_in_five_minutes
    kept_gb = min(here, a.users) * a.bytes_kept / 1e9
    return {
        "requests/s": per_second,
        "cores for web processes": math.ceil(web_cores),
        "cores for Postgres replicas": math.ceil(replica_cores),
        "machines, web": math.ceil(web_cores / a.cores_per_machine),
        "machines, replicas": math.ceil(replica_cores / a.cores_per_machine),
        "GB of kept candidates": math.ceil(kept_gb),
        "Redis primaries": math.ceil(kept_gb / a.redis_node_gb),
    }


def _assumptions(a: Assumptions) -> list[str]:
    return [
        f"- {a.share_kept:.0%} of requests are answered from kept candidates (L1 65 %, L3 12 %), none from ready "
        "bytes: at 300 KB each they would fill terabytes (`READY_ANSWERS=0`).",
        f"- A search among 10 million takes {a.growth_10m} times one among a million (pgvector, ef 600).",
        f"- Cores are used to {a.used:.0%} at the stated rate; a machine has {a.cores_per_machine} like these.",
        f"- Who is there asks {a.per_user_in_five_minutes:.0f} times in five minutes; a kept pool takes "
        f"{a.bytes_kept:,} bytes; a Redis primary holds {a.redis_node_gb} GB and has a replica.",
        f"- {a.users:,} users with {a.events_per_user} events of {a.event_bytes} bytes in their history and "
        f"{a.user_row_bytes} bytes besides; {a.items:,} items with {a.item_row_bytes} bytes and {a.item_vector_bytes} "
        "bytes of vectors and graph. Interactions are kept elsewhere than on the replicas' hot path, by month.",
        "- CPU per request is the same on a larger machine; replication and the network cost nothing.",
    ]

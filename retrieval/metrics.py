"""Prometheus counters and timings of the request path; labels are bounded: source names, outcomes, levels."""

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

_MS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 75, 100, 200, 500, 1000)

REQUEST_MS = Histogram(
    "headwater_request_ms", "Milliseconds per retrieval, from request to answer.", ["cache"], buckets=_MS
)
SOURCE_MS = Histogram("headwater_source_ms", "Milliseconds per call of a source.", ["source"], buckets=_MS)
SOURCE_CALLS = Counter("headwater_source_calls_total", "Calls of a source by outcome.", ["source", "outcome"])
CANDIDATES = Counter("headwater_candidates_total", "Candidates answered.")
SHORTFALLS = Counter("headwater_shortfalls_total", "Answers with fewer candidates than asked for.")
DROPPED = Counter("headwater_dropped_total", "Candidates that filters removed.", ["reason"])
CACHE = Counter(
    "headwater_cache_total",
    "Look-ups by level (ready: the bytes of an answer, L1, L2: the user's vector, L3) and result: hit, miss, error, "
    "and stale for what was served although it was a miss.",
    ["level", "result"],
)
CACHE_MISSES = Counter("headwater_cache_misses_total", "Misses by level and reason.", ["level", "reason"])
CACHE_AGE_S = Histogram(
    "headwater_cache_age_seconds",
    "Age of the candidates in answers that came from the cache.",
    ["level"],
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600),
)
FACTS_PRELOADED = Counter("headwater_facts_preloaded_total", "Items whose facts were read ahead.")
DEGRADED = Counter("headwater_degraded_total", "Answers without something that should have helped.", ["part"])
SNAPSHOT_UNUSED = Counter(
    "headwater_snapshot_unused_total",
    "Searches with VECTOR_ENGINE=faiss that went to Postgres, by reason: absent (none on this machine, or not opened "
    "yet), unusable (damaged, or of another version), outdated (too many changes since), or what FAISS raised.",
    ["reason"],
)
INDEX_RECALL = Gauge(
    "headwater_index_recall",
    "Share of an exact search's items that the live index found: mean of the last 100 samples of the process that "
    "sampled last.",
    ["engine"],
    multiprocess_mode="mostrecent",
)
INDEX_RECALL_SAMPLES = Counter(
    "headwater_index_recall_samples_total",
    "Searches of the live index that were repeated exactly.",
    ["engine"],
)
INDEX_RECALL_EXPECTED = Counter(
    "headwater_index_recall_expected_total", "Items that the exact searches found.", ["engine"]
)
INDEX_RECALL_FOUND = Counter(
    "headwater_index_recall_found_total", "Of those, what the live index had found.", ["engine"]
)
BREAKER = Gauge(
    "headwater_breaker_state",
    "0 while it is called, 1 while one call finds out whether it is well, 2 while it is left alone: postgres, cache, "
    "and each source as source:name. As the process says where it changed last.",
    ["part"],
    multiprocess_mode="mostrecent",
)
BREAKER_OPENED = Counter("headwater_breaker_opened_total", "How often it began to be left alone.", ["part"])


def show_at_zero(source: str) -> None:
    """Its failures, before there are any: a series that begins with its first failures shows no increase by them."""
    for outcome in ("timeout", "error"):
        SOURCE_CALLS.labels(source, outcome)
    DEGRADED.labels(f"source:{source}")


def registry(folder: str) -> CollectorRegistry:
    """What this process counted; where several serve and leave their figures in `folder`, what all of them did."""
    if not folder:
        return prometheus_client.REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together, path=folder)  # type: ignore[no-untyped-call]
    return together

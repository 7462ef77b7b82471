"""Prometheus counters and timings of the request path; labels are bounded: source names, outcomes, levels."""

from prometheus_client import Counter, Histogram

_MS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 75, 100, 200, 500, 1000)

REQUEST_MS = Histogram(
    "headwater_request_ms", "Milliseconds per retrieval, from request to answer.", ["cache"], buckets=_MS
)
SOURCE_MS = Histogram("headwater_source_ms", "Milliseconds per call of a source.", ["source"], buckets=_MS)
SOURCE_CALLS = Counter("headwater_source_calls_total", "Calls of a source by outcome.", ["source", "outcome"])
CANDIDATES = Counter("headwater_candidates_total", "Candidates answered.")
SHORTFALLS = Counter("headwater_shortfalls_total", "Answers with fewer candidates than asked for.")
DROPPED = Counter("headwater_dropped_total", "Candidates that filters removed.", ["reason"])
CACHE = Counter("headwater_cache_total", "Look-ups of cached candidates.", ["level", "result"])
DEGRADED = Counter("headwater_degraded_total", "Answers without something that should have helped.", ["part"])

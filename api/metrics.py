"""What the HTTP side counts."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("headwater_http_requests", "Answers of the API.", ["view", "method", "status"])
SECONDS = Histogram(
    "headwater_http_seconds",
    "Time in an API view, from authentication to the answer's bytes.",
    ["view"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 5),
)
# The view that the objective of latency is about, and where its requests note that something was missing.
TIMED_VIEW = "UserCandidates"
DEGRADED = "headwater.degraded"  # in META
UNLIMITED = Counter(
    "headwater_http_unlimited", "Requests let through uncounted because the rate limits' store was away."
)
SHED = Counter("headwater_http_shed", "Requests refused because the process had all it can answer in time.")

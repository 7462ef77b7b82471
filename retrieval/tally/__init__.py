"""How answers fare, added up in each process and stored every few seconds: pages tell it without Prometheus."""

from retrieval.tally.counting import count_answer, count_ready, count_unready
from retrieval.tally.requests import count_shed
from retrieval.tally.storing import count_request, flush, forget_counts

__all__ = [
    "count_answer",
    "count_ready",
    "count_request",
    "count_shed",
    "count_unready",
    "flush",
    "forget_counts",
]

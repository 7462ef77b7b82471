"""Events in: committed to Postgres first, then everything that must move with them."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from catalog.events import Event, EventResult, record_events
from retrieval import trending
from retrieval.types import RetrievalError

log = structlog.get_logger(__name__)


def ingest(events: Sequence[Event], *, now: datetime, create_missing: bool = False) -> list[EventResult]:
    """One result per event, in order. What is accepted is committed when this returns.

    Histories moved in the same transaction; trending moves after it. Where the cache is away trending stays
    behind until the next rebuild, and the events are safe all the same.
    """
    results = record_events(events, now=now, create_missing=create_missing)
    accepted = [result for result in results if result.status == "accepted"]
    if accepted:
        try:
            trending.add_events(accepted, now=now)
        except RetrievalError as error:
            log.warning("trending did not move", events=len(accepted), error=str(error))
    return results

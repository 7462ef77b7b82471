"""Events: what users did, recorded exactly once and visible to the very next request."""

from catalog.events.recording import record_events, write_events
from catalog.events.values import Event, EventResult

__all__ = ["Event", "EventResult", "record_events", "write_events"]

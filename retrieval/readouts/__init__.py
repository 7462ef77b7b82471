"""What users of experiments did, counted from impressions and events in the background."""

from retrieval.readouts.advancing import Advance, advance

__all__ = ["Advance", "advance"]

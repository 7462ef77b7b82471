"""Impressions and events summed up by hour and day, so that pages read a few rows and never the events."""

from retrieval.rollups.counting import roll_up
from retrieval.rollups.requests import sum_requests

__all__ = ["roll_up", "sum_requests"]

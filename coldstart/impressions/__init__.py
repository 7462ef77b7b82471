"""Impressions: what users were shown, recorded once per request and item."""

from coldstart.impressions.partitions import IMPRESSIONS
from coldstart.impressions.recording import record_impressions
from coldstart.impressions.values import BANDIT, LONG_TAIL, NEW_ITEMS, Impression, ImpressionResult

__all__ = [
    "BANDIT",
    "IMPRESSIONS",
    "LONG_TAIL",
    "NEW_ITEMS",
    "Impression",
    "ImpressionResult",
    "record_impressions",
]

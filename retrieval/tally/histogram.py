"""Milliseconds in steps of 15 %: exact enough for a percentile, and two hours of them are added by adding counts."""

import math
from collections.abc import Sequence

FIRST_MS = 0.25
STEP = 1.15
BUCKETS = 72  # the last begins at 4.5 s


def bucket_of(ms: float) -> int:
    """0 for less than `FIRST_MS`; bucket i ends at FIRST_MS · STEP^i."""
    if ms < FIRST_MS:
        return 0
    return min(1 + int(math.log(ms / FIRST_MS, STEP)), BUCKETS - 1)


def quantile_ms(counts: Sequence[int], share: float) -> float | None:
    """The milliseconds within which this share of the answers was given, off by 15 % at most; None without any."""
    wanted, passed = share * sum(counts), 0
    if not wanted:
        return None
    for bucket, count in enumerate(counts):
        if count and passed + count >= wanted:
            # Within a bucket answers are taken to lie evenly on its logarithm.
            return FIRST_MS * math.pow(STEP, bucket - 1 + (wanted - passed) / count)
        passed += count
    return None

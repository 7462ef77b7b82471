"""Hit rates, reasons of misses and ages, from the counters that all web processes of this machine keep."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import Metric

LEVELS = {
    "ready": ("Ready answers", "The bytes of a whole answer, served after one question to Postgres."),
    "L1": ("L1, candidates", "A merged pool from an earlier request; filtered anew each time."),
    "L2": ("L2, user vectors", "What the tower made of a user's history."),
    "L3": ("L3, computed ahead", "Pools of the most active users, made before they ask."),
}
REASONS = {
    "absent": "not there: the first request, or it was dropped",
    "history": "the user has done something since",
    "expired": "older than it may be",
    "early": "made anew shortly before it expires",
    "new items": "new items arrived since",
    "short": "holds fewer than were asked for",
    "user": "of another user under the same id",
    "invalidated": "somebody asked for it to be made anew",
    "unreadable": "damaged, or of another release",
}


@dataclass(frozen=True, slots=True)
class Reason:
    name: str
    meaning: str
    count: int
    share: float  # of the misses

    @property
    def percent(self) -> str:
        return percent(self.share)


@dataclass(frozen=True, slots=True)
class Level:
    """hit_rate: hits of hits and misses, None where nobody looked. Ages in seconds, None where nothing was served."""

    name: str
    title: str
    text: str
    hits: int
    misses: int
    stale: int
    errors: int
    hit_rate: float | None
    median_age_s: float | None
    oldest_tenth_s: float | None
    reasons: Sequence[Reason]

    @property
    def hit_percent(self) -> str:
        return "–" if self.hit_rate is None else percent(self.hit_rate)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def levels(metrics: Iterable[Metric]) -> list[Level]:
    """In the order in which a request asks them."""
    results: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    ages: dict[str, dict[float, float]] = defaultdict(dict)
    for sample in (sample for metric in metrics for sample in metric.samples):
        level = sample.labels.get("level", "")
        if sample.name == "headwater_cache_total":
            results[level][sample.labels["result"]] += int(sample.value)
        elif sample.name == "headwater_cache_misses_total":
            reasons[level][sample.labels["reason"]] += int(sample.value)
        elif sample.name == "headwater_cache_age_seconds_bucket":
            ages[level][float(sample.labels["le"])] = sample.value
    return [_level(name, results[name], reasons[name], ages[name]) for name in LEVELS]


def _level(name: str, results: Counter[str], reasons: Counter[str], ages: Mapping[float, float]) -> Level:
    asked, missed = results["hit"] + results["miss"], reasons.total()
    title, text = LEVELS[name]
    return Level(
        name,
        title,
        text,
        hits=results["hit"],
        misses=results["miss"],
        stale=results["stale"],
        errors=results["error"],
        hit_rate=results["hit"] / asked if asked else None,
        median_age_s=quantile(ages, 0.5),
        oldest_tenth_s=quantile(ages, 0.9),
        reasons=[
            Reason(reason, REASONS.get(reason, reason), count, count / missed)
            for reason, count in reasons.most_common()
            if count
        ],
    )


def quantile(buckets: Mapping[float, float], share: float) -> float | None:
    """As Prometheus' histogram_quantile: within its bucket by a straight line; the last bound for what lies beyond.
    buckets: cumulative counts by upper bound."""
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    wanted, below, low = share * buckets[bounds[-1]], 0.0, 0.0
    for bound in bounds[:-1]:
        if buckets[bound] >= wanted:
            inside = buckets[bound] - below
            return low + (bound - low) * (wanted - below) / inside if inside else bound
        below, low = buckets[bound], bound
    return low

"""How answers were given: how fast, from where, and how whole."""

from collections.abc import Sequence

from console.metrics.measure import Group, Measure, count, ms, percent, share
from retrieval.tally.histogram import quantile_ms

_ANSWERS = "Answers; of a chosen arm, those in which its experiment had a say."


def _latency(name: str, part: float) -> Measure:
    return Measure(
        name,
        f"Latency {name}",
        Group.SERVING,
        f"{part:.0%} of the answers were given within this time, in the process; from steps of 15 %.",
        f"{_ANSWERS} Ready ones too.",
        lambda one: quantile_ms(one.serving.ms_counts, part),
        ms,
    )


def _level(level: str, title: str, definition: str) -> Measure:
    return Measure(
        f"level_{level}",
        title,
        Group.SERVING,
        definition,
        _ANSWERS,
        lambda one: share(one.serving.by_level.get(level, 0), one.serving.answers),
        percent,
    )


def _hit_rate(level: str, title: str, who: str) -> Measure:
    return Measure(
        f"hits_{level}",
        title,
        Group.SERVING,
        "Look-ups that found what was kept, and it was still true.",
        f"Look-ups that the cache answered: {who}.",
        lambda one: looks.rate if (looks := one.serving.looks.get(level)) else None,
        percent,
        untold={"arm": "Look-ups are counted by surface, not by arm."},
    )


ANSWERS: Sequence[Measure] = (
    Measure(
        "answers",
        "Answers",
        Group.SERVING,
        "Answers of the API and the ready-made pages; of a chosen arm, those in which its experiment had a say. "
        "Previews and choices of sources aren't counted.",
        "None: it is a count.",
        lambda one: one.serving.answers or None,
        count,
    ),
    Measure(
        "rate",
        "Answers per second",
        Group.SERVING,
        _ANSWERS,
        "Seconds of the time, as far as it has passed.",
        lambda one: share(one.serving.answers or None, one.seconds),
        lambda value: f"{value:,.2f}",
    ),
    _latency("p50", 0.5),
    _latency("p95", 0.95),
    _latency("p99", 0.99),
    _level("ready", "Ready answers", "Answers whose bytes were kept and still true."),
    _level("L1", "Answers from L1", "Answers from candidates that an earlier request had found."),
    _level("L3", "Answers from L3", "Answers from candidates that were computed ahead."),
    _level("none", "Computed", "Answers for which the sources were asked."),
    _hit_rate("ready", "Hit rate of ready answers", "plain questions"),
    _hit_rate(
        "L1", "Hit rate of L1", "what no ready answer served, but for requests with a context of their own"
    ),
    _hit_rate("L3", "Hit rate of L3", "where L1 had nothing"),
    _hit_rate(
        "L2", "Hit rate of L2", "answers for which a source needed the user’s vector; the first time counts"
    ),
    Measure(
        "short",
        "Shortfalls",
        Group.SERVING,
        "Answers with fewer candidates than asked for.",
        _ANSWERS,
        lambda one: share(one.serving.short, one.serving.answers),
        percent,
    ),
    Measure(
        "degraded",
        "Degraded answers",
        Group.SERVING,
        "Answers without something that should have helped.",
        _ANSWERS,
        lambda one: share(one.serving.degraded, one.serving.answers),
        percent,
    ),
)

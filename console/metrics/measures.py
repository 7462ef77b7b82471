"""Every number of the metrics pages: what it is, of what it is a share, and how it is made of what was counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from console.metrics.figures import Figures
from retrieval.models import DayTotals
from retrieval.tally.histogram import quantile_ms


class Group(StrEnum):
    REACTIONS = "What users did with what they were shown"
    AUDIENCE = "Who came"
    CATALOGUE = "How the catalogue was shown"
    SERVING = "How answers were given"


# By what a group can be told apart; with another filter its figures are left out.
TOLD_BY = {
    Group.REACTIONS: {"surface", "source", "arm", "people"},
    Group.AUDIENCE: set(),
    Group.CATALOGUE: {"arm"},
    Group.SERVING: {"surface", "arm"},
}
_ANSWERS = "Answers; of a chosen arm, those in which its experiment had a say."
DAYS_ONLY = {Group.AUDIENCE, Group.CATALOGUE}


@dataclass(frozen=True, slots=True)
class Measure:
    """value: None where nothing was counted. text: of a value, with its unit. told_by: beyond what its group is.
    untold: why not, by what its group is told by and it is not."""

    name: str
    title: str
    group: Group
    definition: str
    denominator: str
    value: Callable[[Figures], float | None]
    text: Callable[[float], str]
    told_by: frozenset[str] = frozenset()
    untold: Mapping[str, str] = field(default_factory=dict)


def count(value: float) -> str:
    return f"{value:,.0f}"


def percent(value: float) -> str:
    return f"{100 * value:.2f} %" if value < 0.1 else f"{100 * value:.1f} %"


def plain(value: float) -> str:
    return f"{value:.3f}"


def ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _reaction(name: str, title: str, field: str, verb: str) -> Measure:
    return Measure(
        name,
        title,
        Group.REACTIONS,
        f"Impressions whose user {verb} the item within a week; each counts once, however often.",
        "Impressions of the same time.",
        lambda one: _share(getattr(one.outcome, field), one.outcome.impressions),
        percent,
    )


def _of_day(read: Callable[[DayTotals], float | None]) -> Callable[[Figures], float | None]:
    return lambda one: read(one.day) if one.day is not None else None


def _latency(name: str, share: float) -> Measure:
    return Measure(
        name,
        f"Latency {name}",
        Group.SERVING,
        f"{share:.0%} of the answers were given within this time, in the process; from steps of 15 %.",
        f"{_ANSWERS} Ready ones too.",
        lambda one: quantile_ms(one.serving.ms_counts, share),
        ms,
    )


def _level(level: str, title: str, definition: str) -> Measure:
    return Measure(
        f"level_{level}",
        title,
        Group.SERVING,
        definition,
        _ANSWERS,
        lambda one: _share(one.serving.by_level.get(level, 0), one.serving.answers),
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


_NEW = "Impressions of items that had been published less than a week."
MEASURES: Sequence[Measure] = (
    Measure(
        "impressions",
        "Impressions",
        Group.REACTIONS,
        "Items that clients, or answers that log their impressions, said were shown.",
        "None: it is a count.",
        lambda one: one.outcome.impressions or None,
        count,
    ),
    _reaction("ctr", "Click-through", "clicks", "clicked"),
    _reaction("likes", "Like rate", "likes", "liked"),
    _reaction("shares", "Share rate", "shares", "shared"),
    _reaction("engaged", "Engagement", "engaged", "clicked, liked or shared"),
    Measure(
        "dwell",
        "Dwell time",
        Group.REACTIONS,
        "Seconds that events which name an impression say their user stayed.",
        "Those events that say how long.",
        lambda one: _share(one.outcome.dwell_s, one.outcome.dwells),
        lambda value: f"{value:.1f} s",
    ),
    Measure(
        "active",
        "Active users",
        Group.AUDIENCE,
        "Users with an event of any type.",
        "None: it is a count.",
        _of_day(lambda day: day.active_users),
        count,
    ),
    Measure(
        "returning",
        "Return rate",
        Group.AUDIENCE,
        "Users active that day (DAU).",
        "Users active in the 30 days up to its end (MAU).",
        _of_day(lambda day: _share(day.active_users, day.monthly_users)),
        percent,
    ),
    Measure(
        "session",
        "Session length",
        Group.AUDIENCE,
        "Minutes from a session's first event to its last; half an hour without one ends it, and so does midnight UTC.",
        "Sessions, those of one event too.",
        _of_day(lambda day: _share(day.session_s, (day.sessions or 0) * 60)),
        lambda value: f"{value:.1f} min",
    ),
    Measure(
        "coverage",
        "Catalogue coverage",
        Group.CATALOGUE,
        "Different items shown at least once: by the chosen source, or to the chosen arm's users, or at all.",
        "Active items published by the end of the day.",
        lambda one: _share(one.items, one.day.catalogue_items if one.day else None),
        percent,
        told_by=frozenset({"source"}),
    ),
    Measure(
        "creators",
        "Creator coverage",
        Group.CATALOGUE,
        "Creators of the items shown.",
        "All creators.",
        _of_day(lambda day: _share(day.creators, day.catalogue_creators)),
        percent,
    ),
    Measure(
        "gini",
        "Gini",
        Group.CATALOGUE,
        "How unevenly impressions lie on the items: 0 all alike, towards 1 all on one.",
        "Items shown at least once.",
        _of_day(lambda day: day.gini),
        plain,
    ),
    Measure(
        "diversity",
        "Diversity within answers",
        Group.CATALOGUE,
        "How likely two items that one answer showed are of different categories (Smyth and McClave, 2001).",
        "Answers with two or more shown items that have a category.",
        _of_day(lambda day: day.diversity),
        plain,
    ),
    Measure(
        "novelty",
        "Novelty",
        Group.CATALOGUE,
        "Self-information of what was shown (Zhou et al., 2010): log2 of the users active in the week before, divided "
        "by those of them who did something with the item, one at least.",
        "Impressions.",
        _of_day(lambda day: day.novelty),
        lambda value: f"{value:.2f} bits",
    ),
    Measure(
        "new",
        "Share of new items",
        Group.CATALOGUE,
        _NEW,
        "Impressions of the day.",
        _of_day(lambda day: _share(day.new_items, day.impressions)),
        percent,
    ),
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
        lambda one: _share(one.serving.answers or None, one.seconds),
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
        lambda one: _share(one.serving.short, one.serving.answers),
        percent,
    ),
    Measure(
        "degraded",
        "Degraded answers",
        Group.SERVING,
        "Answers without something that should have helped.",
        _ANSWERS,
        lambda one: _share(one.serving.degraded, one.serving.answers),
        percent,
    ),
)
BY_NAME = {measure.name: measure for measure in MEASURES}

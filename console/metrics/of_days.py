"""Who came in a day, and how the catalogue was shown to them."""

from collections.abc import Callable, Sequence

from console.metrics.figures import Figures
from console.metrics.measure import Group, Measure, count, percent, plain, share
from retrieval.models import DayTotals

_SAME = "of the same surface, arm and people, where they are chosen"
_WHO = (
    "Users with an event of any type{when}. A surface's are those whose event names it, an arm's those since their "
    "exposure, and new is who had been known for less than a week when the day began."
)
_OVER = " By surface, arm or people it is counted when the day is over."
_SOURCE = {"source": "Nobody comes to a source: an answer has candidates of several."}


def _of_day(read: Callable[[DayTotals], float | None]) -> Callable[[Figures], float | None]:
    return lambda one: read(one.day) if one.day is not None else None


def _users(name: str, title: str, field: str, when: str, more: str = "") -> Measure:
    return Measure(
        name,
        title,
        Group.AUDIENCE,
        _WHO.format(when=when) + more,
        "None: it is a count.",
        _of_day(lambda day: getattr(day, field)),
        count,
        untold=_SOURCE,
    )


AUDIENCE: Sequence[Measure] = (
    _users("active", "Active users", "active_users", " in the day (DAU)"),
    _users("weekly", "Active in 7 days", "weekly_users", " in the 7 days up to its end (WAU)", _OVER),
    _users("monthly", "Active in 30 days", "monthly_users", " in the 30 days up to its end (MAU)", _OVER),
    Measure(
        "returning",
        "Return rate",
        Group.AUDIENCE,
        "Users active that day (DAU)." + _OVER,
        f"Users active in the 30 days up to its end (MAU), {_SAME}.",
        _of_day(lambda day: share(day.active_users, day.monthly_users)),
        percent,
        untold=_SOURCE,
    ),
    Measure(
        "session",
        "Session length",
        Group.AUDIENCE,
        "Minutes from a session's first event to its last; half an hour without one ends it, and so does midnight UTC.",
        f"Sessions, those of one event too, {_SAME}.",
        _of_day(lambda day: share(day.session_s, (day.sessions or 0) * 60)),
        lambda value: f"{value:.1f} min",
        untold={**_SOURCE, "surface": "A session goes from surface to surface and is of none."},
    ),
)
CATALOGUE: Sequence[Measure] = (
    Measure(
        "coverage",
        "Catalogue coverage",
        Group.CATALOGUE,
        "Different items shown at least once: on the chosen surface, by the chosen source, to the chosen people.",
        "Active items published by the end of the day.",
        lambda one: share(one.items, one.day.catalogue_items if one.day else None),
        percent,
        alone=frozenset({"source"}),
    ),
    Measure(
        "creators",
        "Creator coverage",
        Group.CATALOGUE,
        "Creators of the items shown.",
        "All creators.",
        _of_day(lambda day: share(day.creators, day.catalogue_creators)),
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
        "Impressions of items that had been published less than a week.",
        "Impressions of the day.",
        _of_day(lambda day: share(day.new_items, day.impressions)),
        percent,
    ),
)

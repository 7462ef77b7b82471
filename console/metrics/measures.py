"""Every number of the metrics pages: what it is, of what it is a share, and how it is made of what was counted."""

from collections.abc import Sequence

from console.metrics.measure import Group, Measure, count, percent, share
from console.metrics.of_answers import ANSWERS
from console.metrics.of_days import AUDIENCE, CATALOGUE


def _reaction(name: str, title: str, field: str, verb: str) -> Measure:
    return Measure(
        name,
        title,
        Group.REACTIONS,
        f"Impressions whose user {verb} the item within a week; each counts once, however often.",
        "Impressions of the same time.",
        lambda one: share(getattr(one.outcome, field), one.outcome.impressions),
        percent,
    )


REACTIONS: Sequence[Measure] = (
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
        lambda one: share(one.outcome.dwell_s, one.outcome.dwells),
        lambda value: f"{value:.1f} s",
    ),
)
MEASURES: Sequence[Measure] = (*REACTIONS, *AUDIENCE, *CATALOGUE, *ANSWERS)
BY_NAME = {measure.name: measure for measure in MEASURES}

"""What is read out: each metric a sum over users, divided by another or by the number of users."""

from dataclasses import dataclass, field

# Of one user since the exposure, then in the days before it.
COUNTED = ("impressions", "clicks", "likes", "events")
COLUMNS = (*COUNTED, *(f"{name}_before" for name in COUNTED))


@dataclass(frozen=True, slots=True)
class Told:
    """What a line of a read-out is about; the definition says of what it is a share."""

    name: str
    title: str
    definition: str
    more_is_better: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class Metric(Told):
    """denominator: a column; "" for the number of exposed users."""

    numerator: str
    denominator: str


METRICS = (
    Metric(
        "click_through",
        "Click-through",
        "Impressions with a click that names their request, divided by all impressions of the exposed users.",
        "clicks",
        "impressions",
    ),
    Metric(
        "likes",
        "Likes per user",
        "Likes since the exposure, divided by the number of exposed users, active or not.",
        "likes",
        "",
    ),
    Metric(
        "events",
        "Events per user",
        "Events of any kind since the exposure, divided by the number of exposed users.",
        "events",
        "",
    ),
)

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


# From groups of users, whatever they did.
LATENCY = Told(
    "latency",
    "Latency, mean ms",
    "Milliseconds of the answers that the experiment had a say in, divided by those answers; ready-made ones aren't "
    "counted. How far chance goes is measured between 64 groups of users.",
    more_is_better=False,
)
DIVERSITY = Told(
    "diversity",
    "Diversity within answers",
    "How likely two items that one answer showed are of different categories, averaged over the answers with two or "
    "more shown items that have one. How far chance goes is measured between 64 groups of users.",
)
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

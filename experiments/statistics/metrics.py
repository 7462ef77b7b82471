"""What is read out: each metric a sum over users, divided by another or by the number of users."""

from dataclasses import dataclass

# Of one user since the exposure, then in the days before it.
COUNTED = ("impressions", "clicks", "likes", "events")
COLUMNS = (*COUNTED, *(f"{name}_before" for name in COUNTED))


@dataclass(frozen=True, slots=True)
class Metric:
    """denominator: a column; "" for the number of exposed users."""

    name: str
    title: str
    numerator: str
    denominator: str
    definition: str


METRICS = (
    Metric(
        "click_through",
        "Click-through",
        "clicks",
        "impressions",
        "Impressions with a click that names their request, divided by all impressions of the exposed users.",
    ),
    Metric(
        "likes",
        "Likes per user",
        "likes",
        "",
        "Likes since the exposure, divided by the number of exposed users, active or not.",
    ),
    Metric(
        "events",
        "Events per user",
        "events",
        "",
        "Events of any kind since the exposure, divided by the number of exposed users.",
    ),
)

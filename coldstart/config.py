"""Cold start's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings  # noqa: TID251  the one place of this app that reads them


@dataclass(frozen=True, slots=True)
class NewcomerConfig:
    """Of people whom little is known about."""

    least_interests: int  # that an answer chooses
    most_interests: int
    adaptive_survey: (
        bool  # what tells most comes first, after what was chosen so far; else the order of the admin
    )
    link_max_age_s: int  # of the signed link to the onboarding pages
    representatives: int  # popular items that stand for an interest in a history
    suggested_interests: int
    survey_weight: float  # of each representative item of a chosen interest, as event types weigh
    survey_fade_events: float  # after so many events an answer counts 1/e
    maturity_events: float  # after so many events the newcomers' mix has a share of 1/e
    interest_worth_events: float  # how much a chosen interest adds to the events that maturity counts
    rapid_learning: tuple[tuple[int, float], ...]  # (the next so many events, times their weight), in order
    demographic_least_users: int  # a cell with fewer is not kept: the next coarser one serves
    demographic_prior_users: float  # how many users of the coarser cell are added to each cell
    demographic_window_s: int  # how far back from the newest event the counts go
    demographic_cached_s: int


@cache
def newcomers() -> NewcomerConfig:
    values: dict[str, Any] = settings.NEWCOMERS
    return NewcomerConfig(**values)

"""Exploration's settings, frozen at first use."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings  # noqa: TID251  the one place of this package that reads them

SEGMENTS = ("none", "age_group", "location", "language")


@dataclass(frozen=True, slots=True)
class ExplorationConfig:
    share: float  # of the users, to whom a new item is shown first; 0: nothing is explored
    step: float  # by what the share is multiplied or divided after a period
    most_share: float
    position: int  # from 1, of the first new item in an answer
    slots: int  # new items in one answer at most
    period_s: int  # after this long the evidence is looked at
    longest_s: int  # after this long a verdict is given on what there is
    new_for_s: int  # after this long nobody calls an item new any more
    items: int  # explored at once, at most
    items_per_creator: int
    least_exposures: int  # of fewer nothing is concluded
    graduate_rate: float  # the interval's lower end must reach it
    retire_rate: float  # the interval's upper end must not exceed it
    certainty: float  # of the interval
    engagement_weight: float  # an event of a type of this weight or more is an engagement
    budget: float  # share of all impressions that may explore
    prior_alpha: float
    prior_beta: float
    bandit_slots: int
    bandit_for_s: int  # how long a graduated item stays an arm
    bandit_segment: str  # one of SEGMENTS

    def __post_init__(self) -> None:
        if self.retire_rate > self.graduate_rate:
            raise ValueError("EXPLORE_RETIRE_RATE must not exceed EXPLORE_GRADUATE_RATE.")
        if self.share > self.most_share:
            raise ValueError("EXPLORE_SHARE must not exceed EXPLORE_MOST_SHARE.")
        if self.bandit_segment not in SEGMENTS:
            raise ValueError(f"BANDIT_SEGMENT must be one of {', '.join(SEGMENTS)}.")


@cache
def config() -> ExplorationConfig:
    return ExplorationConfig(**settings.EXPLORATION)

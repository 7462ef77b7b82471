"""What a number of the metrics pages is, by what it can be told apart, and how it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from console.metrics.figures import Figures


class Group(StrEnum):
    REACTIONS = "What users did with what they were shown"
    AUDIENCE = "Who came"
    CATALOGUE = "How the catalogue was shown"
    SERVING = "How answers were given"


# By what a group can be told apart; with another filter its figures are left out.
TOLD_BY = {
    Group.REACTIONS: {"surface", "source", "arm", "people"},
    Group.AUDIENCE: {"surface", "arm", "people"},
    Group.CATALOGUE: {"surface", "arm", "people"},
    Group.SERVING: {"surface", "arm"},
}
DAYS_ONLY = {Group.AUDIENCE, Group.CATALOGUE}


@dataclass(frozen=True, slots=True)
class Measure:
    """value: None where nothing was counted. text: of a value, with its unit. alone: by what it is told beyond what its
    group is, where nothing else is chosen. untold: why not, by what it is not told."""

    name: str
    title: str
    group: Group
    definition: str
    denominator: str
    value: Callable[[Figures], float | None]
    text: Callable[[float], str]
    alone: frozenset[str] = frozenset()
    untold: Mapping[str, str] = field(default_factory=dict)


def count(value: float) -> str:
    return f"{value:,.0f}"


def percent(value: float) -> str:
    return f"{100 * value:.2f} %" if value < 0.1 else f"{100 * value:.1f} %"


def plain(value: float) -> str:
    return f"{value:.3f}"


def ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None

"""A mix: which sources run, with which quotas, and how their candidates become one list. Data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retrieval.mixes.bandit import Bandit, Draw
from retrieval.types import RetrievalError

# Of the calibrated merge: present, score, rank.
Coefficients = tuple[float, float, float]


class InvalidMix(RetrievalError):
    """A mix's body is wrong; `field` names the place, the message the remedy."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}")
        self.field = field_name


@dataclass(frozen=True, slots=True)
class Slot:
    """One source in a mix."""

    name: str
    quota: int  # of an answer of 1000; scaled to the k asked for
    weight: float = 1.0
    limit_ms: int = 100
    options: Mapping[str, Any] = field(default_factory=dict)
    calibration: Coefficients | None = None
    # After so many events of the user, or what chosen interests are worth of them, it counts 1/e, and after four times
    # as many it is not asked any more; None: always alike.
    fade_events: float | None = None

    @property
    def coefficients(self) -> Coefficients:
        """Learned ones, else a weighted sum of standardized scores."""
        return (0.0, self.weight, 0.0) if self.calibration is None else self.calibration


@dataclass(frozen=True, slots=True)
class Segment:
    """Users with fewer than `below_events` events are ranked by coefficients of their own; a source that is not named
    keeps its slot's."""

    below_events: int
    calibration: Mapping[str, Coefficients]


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest share of one creator, category or tag in an answer (1: no cap), and exploration's floor."""

    creator_share: float = 1.0
    category_share: float = 1.0
    tag_share: float = 1.0
    explore_share: float = 0.0
    strict: bool = False  # True: rather a short answer than one above a cap


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Another mix for users of whom little is known, which gives way as they do something: docs/cold-start.md."""

    revision: int
    maturity_events: float  # after so many its share is 1/e
    interest_worth_events: float  # what each interest that the user chose adds to them


@dataclass(frozen=True, slots=True)
class Part:
    """A mix and the share of an answer's places that it fills."""

    mix: "Mix"
    share: float


@dataclass(frozen=True, slots=True)
class Mix:
    revision: int
    slots: tuple[Slot, ...]
    merge: str = "quotas"
    bias: float = 0.0  # of the calibrated merge
    overfetch: float = 1.3
    seen_types: frozenset[str] = frozenset()  # event types that make an item seen; empty: all
    seen_window_days: float | None = None  # None: for as long as the history reaches
    hide_seen: bool = True
    caps: Caps = Caps()
    fill: tuple[str, ...] = ()  # sources asked when the answer is short
    segments: tuple[Segment, ...] = ()  # ascending; the first that a user falls into counts
    newcomers: Newcomers | None = None
    bandit: Bandit | None = None  # the ways in which its shares may differ from user to user
    # What was drawn of these for one request; slots and segments are then that arm's.
    draw: Draw | None = None
    # Of a mix that was made of two for one request; `slots` are then those of both.
    parts: tuple[Part, ...] = ()
    # What an experiment's arm or the bandit's changes of the revision; "" where it is served as it was written.
    variation: str = ""

    @property
    def key(self) -> str:
        """Of what is served: two mixes that serve differently have different ones."""
        return f"{self.revision}{self.variation}"

    def slot(self, name: str) -> Slot:
        """The slot of a source; one with defaults where the mix doesn't name it."""
        return next((s for s in self.slots if s.name == name), Slot(name=name, quota=1000))

    def coefficients(self, name: str, *, event_count: int) -> Coefficients:
        """Of a source, for a user with that many events."""
        segment = next((s for s in self.segments if event_count < s.below_events), None)
        own = segment.calibration.get(name) if segment else None
        return self.slot(name).coefficients if own is None else own


# Quotas say how many of each source are asked for; the weights say how much a standard deviation of its scores counts.
DEFAULT_BODY: dict[str, Any] = {
    "sources": [
        {
            "name": "collaborative",
            "quota": 400,
            "weight": 1.0,
            "limit_ms": 150,
            "options": {"ef_search": 600},
        },
        {"name": "co_engagement", "quota": 400, "weight": 1.0, "limit_ms": 150},
        {"name": "factorization", "quota": 400, "weight": 0.5, "limit_ms": 150},
        # Of whoever liked little what others are like says more than an order of a few.
        {
            "name": "sequence",
            "quota": 400,
            "weight": 0.7,
            "limit_ms": 150,
            "options": {"least_likes": 10},
        },
        # What is known of somebody's kind, friends and tags steadies what little is known of the person, and adds
        # nothing to what much is.
        {"name": "content", "quota": 300, "weight": 0.4, "limit_ms": 150, "fade_events": 5},
        {"name": "social", "quota": 100, "weight": 1.5, "limit_ms": 150, "fade_events": 10},
        {"name": "demographic", "quota": 200, "weight": 0.8, "limit_ms": 150, "fade_events": 10},
    ],
    "merge": "calibrated",
    "bias": -6.0,
    "overfetch": 1.3,
    "seen": {"hide": True, "types": [], "window_days": None},
    "caps": {"creator_share": 0.2, "category_share": 0.6, "tag_share": 0.8, "explore_share": 0.0},
    "fill": ["trending", "explore"],
}

# What fits this very session, of whoever it is: what others went on to, what is like it, and what is hot.
SESSION_BODY: dict[str, Any] = {
    "sources": [
        {"name": "co_watch", "quota": 400, "weight": 1.0, "limit_ms": 150},
        {"name": "co_engagement", "quota": 300, "weight": 0.3, "limit_ms": 150},
        {"name": "content", "quota": 300, "weight": 0.2, "limit_ms": 150},
        {"name": "trending", "quota": 300, "weight": 0.3, "limit_ms": 150},
    ],
    "merge": "calibrated",
    "bias": -6.0,
    "caps": {"creator_share": 0.2},
    "fill": ["trending", "explore"],
}

# Of whom little is known: half what is popular, three tenths what was chosen in the survey, a fifth anything at all.
# What nobody chose is filled from the others.
NEWCOMERS_BODY: dict[str, Any] = {
    "sources": [
        {"name": "demographic", "quota": 400, "limit_ms": 150},
        {"name": "trending", "quota": 100, "limit_ms": 150},
        {"name": "interests", "quota": 300, "limit_ms": 150},
        {"name": "explore", "quota": 200, "limit_ms": 150},
    ],
    "merge": "quotas",
    "fill": ["trending", "explore"],
}

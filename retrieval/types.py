"""The nouns of a request, as frozen values. Scores: larger is better, everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from catalog.history import HISTORY_DTYPE, History
from coldstart.interests import NOTHING_STATED, Stated
from retrieval.deadline import Deadline
from retrieval.sets import among, ascending

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
# What the context knows of an event besides: by how much its weight is multiplied.
EVENT_DTYPE = np.dtype([*HISTORY_DTYPE.descr, ("rate", "<f4")])
Outcome = Literal["ok", "empty", "skipped", "timeout", "error", "busy"]


def _no_ids() -> Ids:
    return np.empty(0, np.int64)


class RetrievalError(Exception):
    """What retrieval raises on purpose."""


class SourceTimeout(RetrievalError):
    """The source's own deadline passed: in the database, in Redis, or before it began."""


class StoreUnavailable(RetrievalError):
    """Postgres is away or restarting."""


class CacheUnavailable(RetrievalError):
    """Valkey is away, too slow, or was a moment ago."""


class InvalidRequest(RetrievalError):
    """The request contradicts itself or names something unknown; `field` says where."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.field = field_name


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """Only items that have all of it; empty means any."""

    categories: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    creators: frozenset[str] = frozenset()  # external ids
    published_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that somebody did in the session of a request."""

    item: str  # external id
    type: str  # name of an event type
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks: `k` candidates for the user with this external id, as of `now`."""

    user: str
    k: int
    now: datetime
    surface: str = "default"
    exclude: frozenset[str] = frozenset()  # external item ids
    filters: RequestFilters = RequestFilters()
    deadline_ms: int | None = None
    sources: tuple[str, ...] = ()  # only these, where given
    attributes: Mapping[str, str] = field(default_factory=dict)  # device, hour, ...
    request_id: str = ""
    mix_revision: int | None = None  # staff preview; None: what is published or assigned
    model_version: int | None = None  # likewise; None: what is live or assigned
    use_cache: bool = True
    session: tuple[SessionEvent, ...] = ()  # read as the user's newest events, and stored nowhere
    refresh: bool = False  # what is kept is to be made anew, though it has not expired
    draws: bool = True  # False: a mix that has a bandit is served as it was written


@dataclass(frozen=True, slots=True)
class LiveModel:
    """The model version that this request uses for both users and items."""

    version: int
    dim: int
    vectors_table: str
    related_table: str
    factors_table: str = ""
    factors_dim: int = 0  # 0: the version has no factorization
    sequence_table: str = ""
    sequence_dim: int = 0  # 0: the version has no sequence model
    has_graph: bool = False
    vectors_changed_at: str = ""  # moves whenever new items enter the version's table, or items leave it
    graph_changed_at: str = ""  # moves whenever erased people leave the version's graph

    @property
    def of_factors(self) -> Self:
        """The version with its factors as what is searched. They change with the version only."""
        return replace(self, vectors_table=self.factors_table, dim=self.factors_dim, vectors_changed_at="")

    @property
    def of_sequence(self) -> Self:
        """The version with its sequence model's vectors as what is searched, likewise."""
        return replace(self, vectors_table=self.sequence_table, dim=self.sequence_dim, vectors_changed_at="")

    def searched(self) -> list[Self]:
        """The version once for each table that a source searches."""
        others = (self.of_factors, self.of_sequence)
        return [self, *(other for other in others if other.dim)]


@dataclass(frozen=True, slots=True)
class Context:
    """All that is known when sources run; hydrated once, never queried again by a source."""

    user_id: int  # 0: unknown to the catalog
    external_id: str
    now: datetime
    surface: str
    history: History  # HISTORY_DTYPE [n], oldest first
    history_version: int
    event_count: int
    event_weights: Mapping[int, float]  # by type id; below 0: dislike
    friends: Ids  # at most 100 users whose actions may be used
    blocked_items: Ids
    blocked_creators: Ids
    blocked_tags: frozenset[str]
    age_group: str
    location: str
    language: str
    attributes: Mapping[str, str]
    arms: Mapping[str, str]  # experiment -> variant
    seed: int  # the same for the same user and mix: a repeat gives the same answer
    model: LiveModel | None
    deadline: Deadline
    options: Mapping[str, Any]  # of the source that is called, from the mix
    explored: Ids = field(default_factory=_no_ids)  # new items that were tried on this user
    followed_creators: Ids = field(default_factory=_no_ids)  # at most 100, the latest first
    snapshot: str = ""  # what had committed when this was read; "" where that says nothing
    blocks: int = 0  # changes with what the user blocks
    chance: int = 0  # changes when something is stored as shown to the user by chance
    keeps_vector: bool = False  # whether the user's vector may be kept, and an earlier one used
    stated: Stated = NOTHING_STATED  # what the user chose when asked, as events
    rates: NDArray[np.float32] | None = None  # [n], of the history's events; None: 1 each
    # What looking for the user's kept vector came to, (result, reason), each time that a source needed it.
    vector_looks: list[tuple[Literal["hit", "miss", "error"], str]] = field(default_factory=list)

    @property
    def now_s(self) -> int:
        return int(self.now.timestamp())

    def for_source(self, *, deadline: Deadline, options: Mapping[str, Any]) -> "Context":
        return replace(self, deadline=deadline, options=options)

    def past(self) -> History:
        """EVENT_DTYPE [n], oldest first: what the user chose when asked, then the history up to now. Clocks run ahead,
        and a replay asks for a moment long gone."""
        # No field of the two has another name, so a copy by name is whole.
        stated, history = self.stated.events, self.history
        events = np.empty(len(stated) + len(history), EVENT_DTYPE)
        for name in HISTORY_DTYPE.names or ():
            events[name][: len(stated)] = stated[name]
            events[name][len(stated) :] = history[name]
        events["rate"] = 1.0
        if self.rates is not None:
            events["rate"][len(stated) :] = self.rates
        return events[events["occurred_at_s"] <= self.now_s]

    def liked(self) -> History:
        """The events of `past` with a positive weight."""
        positive = np.array(
            sorted(type_id for type_id, weight in self.event_weights.items() if weight > 0), np.int16
        )
        past = self.past()
        return past[among(past["type_id"], positive)]

    def weights_of(self, events: History) -> NDArray[np.float64]:
        """float64 [n]: what each of `past` or `liked` says: the weight of its type, 0 where that is unknown, times how
        fast the user was learned from when it happened."""
        known = self.event_weights
        weights = np.array([known.get(type_id, 0.0) for type_id in events["type_id"].tolist()], np.float64)
        rates: NDArray[np.float32] = events["rate"]
        return weights * rates

    def engaged(self) -> Ids:
        """int64 [n], ascending: the items of the history. What was only stated is none of them."""
        return ascending(self.history["item_id"].astype(np.int64))


@dataclass(frozen=True, slots=True)
class Found:
    """What a source proposes, best first.

    item_ids: int64 [n], unique; scores: float32 [n], not increasing;
    seeds: int64 [n], the item (social: the user) that led to each, 0 where there is none.
    """

    item_ids: Ids
    scores: Scores
    seeds: Ids

    @classmethod
    def empty(cls) -> "Found":
        return cls(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.item_ids)

    def head(self, k: int) -> "Found":
        return Found(self.item_ids[:k], self.scores[:k], self.seeds[:k])


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one source fared in one request."""

    name: str
    outcome: Outcome
    asked: int
    found: int
    ms: float
    started_ms: float = 0.0  # since the request began
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Pool:
    """Every candidate of a request with all the sources that proposed it.

    item_ids: int64 [n], unique, best first once merged; scores: float32 [n], the merge's;
    ranks: int32 [n, s], from 1, 0 where source j did not propose item i;
    source_scores: float32 [n, s], the source's own, 0 where it did not; seeds: int64 [n, s].
    """

    sources: tuple[str, ...]
    item_ids: Ids
    scores: Scores
    ranks: NDArray[np.int32]
    source_scores: Scores
    seeds: Ids

    def __len__(self) -> int:
        return len(self.item_ids)

    def take(self, rows: NDArray[Any]) -> "Pool":
        """The rows, in that order (indices or a mask)."""
        # Whole rows are faster taken by index than by mask or by `[rows]`.
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Pool(
            self.sources,
            self.item_ids[places],
            self.scores[places],
            self.ranks.take(places, axis=0),
            self.source_scores.take(places, axis=0),
            self.seeds.take(places, axis=0),
        )

"""What a request comes back with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from experiments.assignment import Assignment
from retrieval.cache import Seen
from retrieval.facts import ItemFacts
from retrieval.mixes import Draw
from retrieval.stamps import Stamp
from retrieval.types import Pool, SourceReport


@dataclass(frozen=True, slots=True)
class Placement:
    """Where chance had a say: the place from 1, and the probability of what stands there. `source` is that of a new
    item; "" where the bandit left the place as it was."""

    position: int
    item_id: int
    source: str
    propensity: float


@dataclass(frozen=True, slots=True)
class CacheUse:
    """What the cache had to do with an answer's candidates; filters always see the facts of the moment.

    stale: they had expired or were of an earlier history, and were made anew by somebody else meanwhile.
    unfiltered: the request's own filters and exclusions were applied to the list that is kept for all requests.
    """

    level: str = "none"  # or "L1", "L3"
    age_s: float = 0.0
    stale: bool = False
    unfiltered: bool = False
    trail: tuple[Seen, ...] = ()  # what each level had, in the order asked


@dataclass(frozen=True, slots=True)
class ColdStart:
    """How a user of whom little is known was served.

    served_by: the first of survey, demographics, trending and random that had anything; maturity: the share of the
    places that the normal mix filled, 0 to 1; events, interests: what is known.
    """

    served_by: str
    maturity: float
    events: int
    interests: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`pool` holds the candidates, best first; `facts` what is known of them and of their seeds.

    asked − len(pool) candidates are missing, for the reason that `shortfall` gives ("" where none are).
    """

    request_id: str
    user: str
    known_user: bool
    asked: int
    pool: Pool
    facts: ItemFacts
    dropped: Mapping[str, int]  # reason -> number of candidates
    shortfall: str
    degraded: tuple[str, ...]  # what should have helped and didn't
    reports: tuple[SourceReport, ...]
    cache: CacheUse
    timings_ms: Mapping[str, float]  # stage -> milliseconds, in order
    mix_revision: int
    model_version: int  # 0: none
    history_version: int
    arms: Mapping[str, str]
    diversity: Mapping[str, float]
    user_id: int = 0  # the catalogue's own, 0: unknown
    mix_key: str = (
        ""  # `Mix.key` before anything was drawn: the revision, and what an experiment's arm changes of it
    )
    draw: Draw | None = None  # which of the mix's shares chance chose; None: it is as it was written
    # Where chance had a say: new items, and places that were left as they were.
    placements: tuple[Placement, ...] = ()
    # What the answer is true of, where another request may get the same one; None where not.
    stamp: Stamp | None = None
    blocks: int = 0  # as in the context
    chance: int = 0  # as in the context
    standing: int | None = None  # of the user's new items, as they were chosen; None where they could not be
    # The chosen interest's name by each seed that stands for one: an item, or minus the interest's id.
    chosen: Mapping[int, str] = field(default_factory=dict)
    cold_start: ColdStart | None = None  # None: the user is known well enough
    had_a_say: tuple[Assignment, ...] = ()  # experiments whose arms are served differently in such an answer

    @property
    def cache_level(self) -> str:
        return self.cache.level

    @property
    def counts_for(self) -> bytes:
        """The ids of the arms that this answer counts for, int64, packed: whoever counts an answer that was kept only
        passes them on. b"": none, as for all whom the catalogue doesn't know."""
        ids = sorted(one.arm.id for one in self.had_a_say) if self.user_id else []
        return np.array(ids, "<i8").tobytes()

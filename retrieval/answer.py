"""What a request comes back with."""

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.facts import ItemFacts
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
    cache_level: str  # "none" or "L1"
    timings_ms: Mapping[str, float]  # stage -> milliseconds, in order
    mix_revision: int
    model_version: int  # 0: none
    history_version: int
    arms: Mapping[str, str]
    diversity: Mapping[str, float]
    user_id: int = 0  # the catalogue's own, 0: unknown
    # Where chance had a say: new items, and places that were left as they were.
    placements: tuple[Placement, ...] = ()

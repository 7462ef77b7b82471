"""From a pool to the final list: fresh facts, filters, caps, and one cut to k."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval import filters
from retrieval.facts import ItemFacts, current_facts
from retrieval.filters import Filtered, Rules
from retrieval.merging import diversity
from retrieval.sets import among, ascending
from retrieval.source import all_sources
from retrieval.types import Ids, Pool

_FACTS_MS = 200


@dataclass(frozen=True, slots=True)
class Screened:
    """A pool and what the filters say of each candidate; `facts` of those kept and of the seeds."""

    pool: Pool
    facts: ItemFacts
    filtered: Filtered

    def removed_by(self, item_id: int) -> str:
        """The filter that removed the item; "" where none did."""
        places = np.flatnonzero(self.pool.item_ids == item_id)
        return self.filtered.reasons.get(int(places[0]), "") if len(places) else ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The final list and what became of the rest."""

    pool: Pool
    facts: ItemFacts
    dropped: Mapping[str, int]
    shortfall: str
    diversity: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.pool)


def screen(pool: Pool, rules: Rules, *, known: Screened | None = None) -> Screened:
    """The pool, filtered by facts that are fresh. `known`: what its first candidates were found to be; those that
    were removed stay so."""
    verdicts = np.zeros(len(pool), np.int8)
    if known:
        verdicts[: len(known.pool)] = known.filtered.verdicts
    places = np.flatnonzero(verdicts == 0)
    ids = pool.item_ids[places]
    needed = ascending(np.concatenate([ids[~among(ids, rules.seen)], _seeds(pool)]))
    # Sources may have used up all the time; without facts the answer is what the process knows by heart.
    facts = current_facts(needed, rules.context.deadline.at_least(_FACTS_MS))
    candidates = filters.Candidates(ids, facts.rows_of(ids), facts)
    verdicts[places] = filters.apply(candidates, rules).verdicts
    return Screened(pool, facts, Filtered(verdicts))


def missing(pool: Pool, rules: Rules) -> tuple[int, Screened | None]:
    """(how many candidates an answer of this pool would be short of `request.k`; the pool as it was screened)
    Not screened where even all that is unseen would be short."""
    unseen = len(pool) - int(np.count_nonzero(among(pool.item_ids, rules.seen)))
    if unseen < rules.request.k:
        return rules.request.k - unseen, None
    screened = screen(pool, rules)
    return _missing(screened, rules), screened


def _missing(screened: Screened, rules: Rules) -> int:
    kept = int(np.count_nonzero(screened.filtered.kept))
    k = rules.request.k
    if kept >= k and rules.mix.caps.strict:
        chosen, _ = diversity.select(_traits(_kept(screened), screened.facts), k, _limits(rules))
        return k - len(chosen)
    return max(k - kept, 0)


def choose(screened: Screened, rules: Rules) -> Selection:
    """At most `request.k` of what was kept, in order."""
    request, caps = rules.request, rules.mix.caps
    kept, facts = _kept(screened), screened.facts
    traits = _traits(kept, facts)
    chosen, passed = diversity.select(traits, request.k, _limits(rules))
    relaxed = 0
    if not caps.strict and len(chosen) < request.k:
        # Better above a cap than short: what was passed over comes last, and the report says how many.
        back = passed[: request.k - len(chosen)]
        relaxed = len(back)
        chosen = np.concatenate([chosen, back])
    final = kept.take(chosen)
    return Selection(
        pool=final,
        facts=facts,
        dropped=_dropped(screened.filtered, capped=len(passed) - relaxed),
        shortfall=_shortfall(request.k, len(screened.pool), len(kept), len(final), strict=caps.strict),
        diversity={**diversity.measure(traits.take(chosen)), "above_caps": float(relaxed)},
    )


def _seeds(pool: Pool) -> Ids:
    """The items whose titles the reasons name."""
    named = [column for column, name in enumerate(pool.sources) if "{seed}" in all_sources()[name].reason]
    seeds = pool.seeds[:, named]
    return seeds[seeds > 0]


def _kept(screened: Screened) -> Pool:
    return screened.pool.take(screened.filtered.kept)


def _limits(rules: Rules) -> diversity.Limits:
    caps = rules.mix.caps
    return diversity.Limits.of(
        rules.request.k, caps.creator_share, caps.category_share, caps.tag_share, caps.explore_share
    )


def _traits(pool: Pool, facts: ItemFacts) -> diversity.Traits:
    rows = facts.rows_of(pool.item_ids)
    explorers = [column for column, name in enumerate(pool.sources) if all_sources()[name].explores]
    return diversity.Traits(
        creators=facts.creator_ids[rows],
        categories=facts.category.codes[rows],
        tags=facts.tags.take(rows),
        explores=np.asarray((pool.ranks[:, explorers] > 0).any(axis=1), np.bool_),
    )


def _dropped(filtered: Filtered, *, capped: int) -> dict[str, int]:
    counts = filtered.counts()
    return {**counts, "caps": capped} if capped else counts


def _shortfall(k: int, found: int, kept: int, given: int, *, strict: bool) -> str:
    if given >= k:
        return ""
    if strict and kept > given:
        return f"{k} asked for, {given} given: the mix's caps passed over the other {kept - given}."
    return (
        f"{k} asked for, {given} given: the sources found {found} different items, "
        f"of which filters removed {found - kept}."
    )

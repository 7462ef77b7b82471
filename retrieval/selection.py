"""From a pool to the final list: fresh facts, filters, caps, and one cut to k."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval import filters
from retrieval.facts import ItemFacts, load_facts
from retrieval.merging import diversity
from retrieval.mixes import Mix
from retrieval.source import all_sources
from retrieval.types import Context, Ids, Pool, Request

_FACTS_MS = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """The final list and what became of the rest; `removed` maps item ids to their filter."""

    pool: Pool
    facts: ItemFacts
    dropped: Mapping[str, int]
    removed: Mapping[int, str]
    shortfall: str
    diversity: Mapping[str, float]

    def __len__(self) -> int:
        return len(self.pool)


def choose(
    pool: Pool, *, request: Request, mix: Mix, context: Context, type_ids: Mapping[str, int]
) -> Selection:
    """At most `request.k` of the pool, in order. Facts are read now: what was deactivated since is gone."""
    seen = filters.seen_items(context, mix, type_ids)
    # Sources may have used up all the time; without facts there is no answer at all.
    facts = load_facts(_to_look_up(pool, seen), context.deadline.at_least(_FACTS_MS))
    candidates = filters.Candidates(pool.item_ids, facts.rows_of(pool.item_ids), facts)
    filtered = filters.apply(candidates, filters.Rules(request, context, mix, type_ids))
    kept = pool.take(filtered.kept)
    traits = _traits(kept, facts)
    caps = mix.caps
    limits = diversity.Limits.of(
        request.k, caps.creator_share, caps.category_share, caps.tag_share, caps.explore_share
    )
    chosen, passed = diversity.select(traits, request.k, limits)
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
        dropped=_dropped(filtered, capped=len(passed) - relaxed),
        removed={int(pool.item_ids[row]): reason for row, reason in filtered.reasons.items()},
        shortfall=_shortfall(request, len(pool), len(kept), len(final), strict=caps.strict),
        diversity={**diversity.measure(_traits(final, facts)), "above_caps": float(relaxed)},
    )


def _to_look_up(pool: Pool, seen: Ids) -> Ids:
    """The candidates that may be kept, and the seeds whose titles the reasons name."""
    named = [column for column, name in enumerate(pool.sources) if "{seed}" in all_sources()[name].reason]
    seeds = pool.seeds[:, named]
    unseen = pool.item_ids[~np.isin(pool.item_ids, seen)]
    return np.unique(np.concatenate([unseen, seeds[seeds > 0]]))


def _traits(pool: Pool, facts: ItemFacts) -> diversity.Traits:
    rows = facts.rows_of(pool.item_ids)
    places = rows.tolist()
    explorers = [column for column, name in enumerate(pool.sources) if all_sources()[name].explores]
    return diversity.Traits(
        creators=facts.creator_ids[rows].tolist(),
        categories=[facts.category[row] for row in places],
        tags=[facts.tags[row] for row in places],
        explores=np.asarray((pool.ranks[:, explorers] > 0).any(axis=1), np.bool_),
    )


def _dropped(filtered: filters.Filtered, *, capped: int) -> dict[str, int]:
    counts = filtered.counts()
    return {**counts, "caps": capped} if capped else counts


def _shortfall(request: Request, found: int, kept: int, given: int, *, strict: bool) -> str:
    if given >= request.k:
        return ""
    if strict and kept > given:
        return f"{request.k} asked for, {given} given: the mix's caps passed over the other {kept - given}."
    return (
        f"{request.k} asked for, {given} given: the sources found {found} different items, "
        f"of which filters removed {found - kept}."
    )

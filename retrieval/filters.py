"""Which candidates may not be shown, and why. Pure: (what is known, candidates) -> kept, dropped with a reason.

The first reason that applies is the one told. A filter sees the context, never another filter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.facts import ItemFacts
from retrieval.mixes import Mix
from retrieval.types import Context, Ids, Request

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidates:
    """item_ids: int64 [n]; rows: int64 [n], each item's row in `facts`, -1 where the item no longer exists.
    Filters that read facts are only given items that do."""

    item_ids: Ids
    rows: NDArray[np.int64]
    facts: ItemFacts

    def take(self, places: NDArray[np.int64]) -> "Candidates":
        return Candidates(self.item_ids[places], self.rows[places], self.facts)


@dataclass(frozen=True, slots=True)
class Rules:
    """What this request forbids."""

    request: Request
    context: Context
    mix: Mix
    type_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Filtered:
    """kept: bool [n]; reasons: the name of the filter that removed each of the others."""

    kept: Mask
    reasons: dict[int, str]  # place in the pool -> reason

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for reason in self.reasons.values():
            counts[reason] = counts.get(reason, 0) + 1
        return counts


def apply(candidates: Candidates, rules: Rules) -> Filtered:
    """Every candidate is kept or has exactly one reason."""
    left = np.arange(len(candidates.item_ids))
    reasons: dict[int, str] = {}
    for name, rejects in FILTERS.items():
        rejected = rejects(candidates.take(left), rules)
        if rejected is not None:
            reasons.update(dict.fromkeys(left[rejected].tolist(), name))
            left = left[~rejected]
    kept = np.zeros(len(candidates.item_ids), np.bool_)
    kept[left] = True
    return Filtered(kept, reasons)


def seen_items(context: Context, mix: Mix, type_ids: Mapping[str, int]) -> Ids:
    """int64 [n], ascending: what the user already engaged with, by the mix's event types and window."""
    history = context.history
    if not mix.hide_seen:
        return np.empty(0, np.int64)
    if mix.seen_types:
        wanted = [type_ids[name] for name in mix.seen_types if name in type_ids]
        history = history[np.isin(history["type_id"], wanted)]
    if mix.seen_window_days is not None:
        history = history[history["occurred_at_s"] >= context.now_s - mix.seen_window_days * 86_400]
    return np.unique(history["item_id"])


def seen(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the user already engaged with. Reads no facts."""
    known = seen_items(rules.context, rules.mix, rules.type_ids)
    return np.isin(candidates.item_ids, known) if len(known) else None


def deleted(candidates: Candidates, rules: Rules) -> Mask | None:
    """Items that are no longer in the catalogue."""
    return candidates.rows < 0


def inactive(candidates: Candidates, rules: Rules) -> Mask | None:
    """Items taken out of circulation."""
    return ~candidates.facts.active[candidates.rows]


def blocked(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the user blocked: items, creators, tags."""
    context = rules.context
    if not (len(context.blocked_items) or len(context.blocked_creators) or context.blocked_tags):
        return None
    rejected = np.isin(candidates.item_ids, context.blocked_items)
    rejected |= np.isin(candidates.facts.creator_ids[candidates.rows], context.blocked_creators)
    if context.blocked_tags:
        rejected |= _each(candidates, lambda f, row: not context.blocked_tags.isdisjoint(f.tags[row]))
    return rejected


def excluded(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the request's `exclude` names."""
    exclude = rules.request.exclude
    if not exclude:
        return None
    return _each(candidates, lambda f, row: f.external_ids[row] in exclude)


def requested(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the request's filters (category, tag, language, creator, published since) leave out."""
    want = rules.request.filters
    tests: list[Callable[[ItemFacts, int], bool]] = []
    if want.categories:
        tests.append(lambda f, row: f.category[row] in want.categories)
    if want.tags:
        tests.append(lambda f, row: not want.tags.isdisjoint(f.tags[row]))
    if want.languages:
        tests.append(lambda f, row: f.languages[row] in want.languages)
    if want.creators:
        tests.append(lambda f, row: f.creator_external_ids[row] in want.creators)
    rejected = np.zeros(len(candidates.item_ids), np.bool_)
    if want.published_since is not None:
        rejected |= candidates.facts.published_at_s[candidates.rows] < int(want.published_since.timestamp())
    if tests:
        rejected |= _each(candidates, lambda f, row: not all(test(f, row) for test in tests))
    return rejected


def _each(candidates: Candidates, test: Callable[[ItemFacts, int], bool]) -> Mask:
    facts = candidates.facts
    return np.array([test(facts, row) for row in candidates.rows.tolist()], np.bool_)


# In the order in which a reason is told; each sees what those before it kept. "Seen" comes first: it is what people
# ask about first, and what is seen needs no facts.
FILTERS: dict[str, Callable[[Candidates, Rules], Mask | None]] = {
    "seen": seen,
    "deleted": deleted,
    "inactive": inactive,
    "blocked": blocked,
    "excluded": excluded,
    "requested": requested,
}

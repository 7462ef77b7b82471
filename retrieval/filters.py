"""Which candidates may not be shown, and why. Pure: (what is known, candidates) -> kept, dropped with a reason.

The first reason that applies is the one told. A filter sees the context, never another filter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.facts import ItemFacts
from retrieval.mixes import Mix
from retrieval.sets import among, ascending
from retrieval.types import Context, Ids, Request

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidates:
    """item_ids: int64 [n]; rows: int64 [n], each item's row in `facts`, -1 where the item no longer exists.
    Filters that read facts are only given items that do."""

    item_ids: Ids
    rows: NDArray[np.int64]
    facts: ItemFacts

    def take(self, places: NDArray[Any]) -> "Candidates":
        """Those at the places (indices or a mask)."""
        return Candidates(self.item_ids[places], self.rows[places], self.facts)


@dataclass(frozen=True, slots=True)
class Rules:
    """What this request forbids. seen: int64 [n], ascending, as of `seen_items`."""

    request: Request
    context: Context
    mix: Mix
    seen: Ids

    @classmethod
    def of(cls, request: Request, context: Context, mix: Mix, type_ids: Mapping[str, int]) -> "Rules":
        return cls(request, context, mix, seen_items(context, mix, type_ids))


@dataclass(frozen=True, slots=True)
class Filtered:
    """verdicts: int8 [n], 0 where a candidate is kept, else the place in FILTERS, from 1, of what removed it."""

    verdicts: NDArray[np.int8]

    @property
    def kept(self) -> Mask:
        return np.asarray(self.verdicts == 0, np.bool_)

    @property
    def reasons(self) -> dict[int, str]:
        """Place in the pool -> the name of the filter, of each candidate that was removed."""
        names = ["", *FILTERS]
        removed = np.flatnonzero(self.verdicts)
        return {place: names[self.verdicts[place]] for place in removed.tolist()}

    def counts(self) -> dict[str, int]:
        """Name of a filter -> how many it removed, of those that removed any."""
        counts = np.bincount(self.verdicts, minlength=len(FILTERS) + 1)[1:].tolist()
        return {name: count for name, count in zip(FILTERS, counts, strict=True) if count}


def apply(candidates: Candidates, rules: Rules) -> Filtered:
    """Every candidate is kept or has exactly one reason."""
    left = np.arange(len(candidates.item_ids))
    verdicts = np.zeros(len(left), np.int8)
    for verdict, rejects in enumerate(FILTERS.values(), 1):
        rejected = rejects(candidates, rules)
        if rejected is not None and rejected.any():
            verdicts[left[rejected]] = verdict
            left = left[~rejected]
            candidates = candidates.take(~rejected)
    return Filtered(verdicts)


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
    return ascending(history["item_id"].astype(np.int64))


def seen(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the user already engaged with. Reads no facts."""
    return among(candidates.item_ids, rules.seen)


def deleted(candidates: Candidates, rules: Rules) -> Mask | None:
    """Items that are no longer in the catalogue."""
    return candidates.rows < 0


def inactive(candidates: Candidates, rules: Rules) -> Mask | None:
    """Items taken out of circulation."""
    return ~candidates.facts.active[candidates.rows]


def blocked(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the user blocked: items, creators, tags."""
    context, facts, rows = rules.context, candidates.facts, candidates.rows
    if not (len(context.blocked_items) or len(context.blocked_creators) or context.blocked_tags):
        return None
    rejected = np.isin(candidates.item_ids, context.blocked_items)
    rejected |= np.isin(facts.creator_ids[rows], context.blocked_creators)
    if context.blocked_tags:
        rejected |= facts.tags.sharing(context.blocked_tags)[rows]
    return rejected


def excluded(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the request's `exclude` names."""
    exclude = rules.request.exclude
    if not exclude:
        return None
    external_ids = candidates.facts.external_ids
    return np.array([external_ids[row] in exclude for row in candidates.rows.tolist()], np.bool_)


def requested(candidates: Candidates, rules: Rules) -> Mask | None:
    """What the request's filters (category, tag, language, creator, published since) leave out."""
    want, facts = rules.request.filters, candidates.facts
    wanted: list[Mask] = []
    if want.categories:
        wanted.append(facts.category.among(want.categories))
    if want.tags:
        wanted.append(facts.tags.sharing(want.tags))
    if want.languages:
        wanted.append(facts.languages.among(want.languages))
    if want.creators:
        wanted.append(facts.creator_external_ids.among(want.creators))
    if want.published_since is not None:
        wanted.append(facts.published_at_s >= int(want.published_since.timestamp()))
    return ~np.logical_and.reduce(wanted)[candidates.rows] if wanted else None


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

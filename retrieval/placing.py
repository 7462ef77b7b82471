"""New items take their places in an answer that is already chosen: after the cache and the filters, per request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coldstart.exploration.choosing import Choice, choose, standing
from coldstart.exploration.config import ExplorationConfig, config
from retrieval import filters
from retrieval.answer import Placement
from retrieval.facts import ItemFacts, current_facts
from retrieval.filters import Rules
from retrieval.merging.diversity import Limits
from retrieval.newcomers import current_newcomers, person_of
from retrieval.selection import Selection
from retrieval.sets import ascending
from retrieval.types import Ids, Pool, RetrievalError

_READING_MS = _FACTS_MS = 100


@dataclass(frozen=True, slots=True)
class Placed:
    selection: Selection
    placements: tuple[Placement, ...] = ()
    standing: int | None = None  # as in the answer


def place_new_items(selection: Selection, rules: Rules) -> Placed:
    """The selection with this user's new items in it, at the configured place and those behind it.

    Never one that a filter removes, that would exceed a cap of its creator, or that the sources put above that place
    themselves. An answer for which single sources were asked stays what it is. What fails leaves the selection whole.
    """
    if rules.request.sources or not len(selection):
        return Placed(selection)
    try:
        return _place(selection, rules)
    except RetrievalError:
        return Placed(selection)


def _place(selection: Selection, rules: Rules) -> Placed:
    settings, context = config(), rules.context
    newcomers = current_newcomers(context.deadline.at_least(_READING_MS))
    stands = standing(newcomers, context.user_id, now_s=context.now_s, rules=settings)
    first = _first_place(len(selection), rules.request.k, settings)
    if not len(newcomers) or not first:
        return Placed(selection, standing=stands)
    above = selection.pool.item_ids[: first - 1]
    chosen = choose(
        newcomers,
        person_of(context, above),
        k=rules.request.k,
        now_s=context.now_s,
        request_id=rules.request.request_id or str(context.seed),
        rules=settings,
    )
    choices, facts = _showable(chosen.choices, selection, rules) if chosen.choices else ([], selection.facts)
    pool = inserted(selection.pool, choices, first, k=rules.request.k)
    placements = [
        Placement(first + i, choice.item_id, choice.source, choice.propensity)
        for i, choice in enumerate(choices)
    ]
    if chosen.untouched is not None:
        places = range(first + len(choices), min(first + len(choices) + settings.bandit_slots, len(pool) + 1))
        placements += [
            Placement(place, int(pool.item_ids[place - 1]), "", chosen.untouched) for place in places
        ]
    return Placed(replace(selection, pool=pool, facts=facts), tuple(placements), stands)


def _first_place(given: int, k: int, settings: ExplorationConfig) -> int:
    """Where new items begin: the configured place, or the last ones of a shorter answer; 0 where these would be in
    its upper half."""
    first = min(settings.position, k - settings.slots - settings.bandit_slots + 1, given + 1)
    return first if first == settings.position or first > (min(k, given) + 1) // 2 else 0


def _showable(
    choices: Sequence[Choice], selection: Selection, rules: Rules
) -> tuple[list[Choice], ItemFacts]:
    """(those that no filter removes and no cap forbids, facts of the answer with them)"""
    wanted = np.array([choice.item_id for choice in choices], np.int64)
    facts = _facts_with(wanted, selection, rules)
    kept = filters.apply(filters.Candidates(wanted, facts.rows_of(wanted), facts), rules).kept
    mix_caps = rules.mix.caps
    limit = Limits.of(rules.request.k, mix_caps.creator_share, 1.0, 1.0, 0.0).creator
    creators = facts.creator_ids[facts.rows_of(selection.pool.item_ids)]
    showable = []
    for choice, good in zip(choices, kept.tolist(), strict=True):
        if not good:
            continue
        creator = facts.creator_ids[facts.rows_of(np.array([choice.item_id]))[0]]
        moved = choice.item_id in selection.pool.item_ids
        if moved or not creator or np.count_nonzero(creators == creator) < limit:
            showable.append(choice)
            creators = np.append(creators, creator)
    return showable, facts


def _facts_with(wanted: Ids, selection: Selection, rules: Rules) -> ItemFacts:
    if (selection.facts.rows_of(wanted) >= 0).all():
        return selection.facts
    needed = ascending(np.concatenate([selection.facts.item_ids, wanted]))
    return current_facts(needed, rules.context.deadline.at_least(_FACTS_MS))


def inserted(pool: Pool, choices: Sequence[Choice], first: int, *, k: int) -> Pool:
    """The pool with the choices from place `first` (from 1) on, cut to k.

    An item that stood further back moves and keeps its sources; each choice gains its own, as the one that ranked it
    best, with the propensity as the source's score. Its merged score is that of the candidate it stands before, so
    scores fall.
    """
    if not choices:
        return pool
    new_ids = np.array([choice.item_id for choice in choices], np.int64)
    wide = _with_sources(pool, tuple(dict.fromkeys(choice.source for choice in choices)))
    fresh = new_ids[~np.isin(new_ids, wide.item_ids)]
    grown = _with_rows(wide, fresh)
    rows = np.array([int(np.flatnonzero(grown.item_ids == item_id)[0]) for item_id in new_ids])
    rest = np.setdiff1d(np.arange(len(pool)), rows)
    order = np.concatenate([rest[: first - 1], rows, rest[first - 1 :]])[:k]
    scores, ranks, own = grown.scores.copy(), grown.ranks.copy(), grown.source_scores.copy()
    before = rest[first - 1] if first - 1 < len(rest) else rest[-1] if len(rest) else 0
    scores[rows] = scores[before] if len(rest) else 0.0
    for row, choice in zip(rows.tolist(), choices, strict=True):
        column = grown.sources.index(choice.source)
        ranks[row, column], own[row, column] = 1, choice.propensity
    return replace(grown, scores=scores, ranks=ranks, source_scores=own).take(order)


def _with_sources(pool: Pool, names: tuple[str, ...]) -> Pool:
    """The pool with these sources before the others: of equal ranks the first source's reason is told."""
    more = tuple(name for name in names if name not in pool.sources)
    wider = ((0, 0), (len(more), 0))
    return replace(
        pool,
        sources=(*more, *pool.sources),
        ranks=np.pad(pool.ranks, wider),
        source_scores=np.pad(pool.source_scores, wider),
        seeds=np.pad(pool.seeds, wider),
    )


def _with_rows(pool: Pool, item_ids: Ids) -> Pool:
    longer = ((0, len(item_ids)), (0, 0))
    return replace(
        pool,
        item_ids=np.concatenate([pool.item_ids, item_ids]),
        scores=np.pad(pool.scores, (0, len(item_ids))),
        ranks=np.pad(pool.ranks, longer),
        source_scores=np.pad(pool.source_scores, longer),
        seeds=np.pad(pool.seeds, longer),
    )

"""What every source that there is says of one item, those of no mix too: each is asked as in a request."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from catalog.event_types import type_ids
from retrieval.beginnings import chosen_names
from retrieval.deadline import Deadline
from retrieval.facts import load_facts
from retrieval.filters import Rules
from retrieval.gathering import planned_calls
from retrieval.progress import Progress
from retrieval.reasons import chosen_behind, names_seed, reason_text
from retrieval.runner import Call, run
from retrieval.service import open_request
from retrieval.source import all_sources
from retrieval.types import Context, Found, Ids, Request, SourceReport

# A source that no slot speaks for is asked for so many, with its own defaults.
_ASKED = 500
_PATIENCE_MS = 2_000


@dataclass(frozen=True, slots=True)
class Word:
    """in_mix: the request asks this source; rank: from 1, 0 where it did not propose the item; score, reason: then."""

    source: str
    in_mix: bool
    report: SourceReport
    rank: int = 0
    score: float = 0.0
    reason: str = ""


def each_source(request: Request, item_id: int) -> tuple[Word, ...]:
    """One word per source: those of the mix that serves the request first, in its order, then the others by name. In
    the first round, and with more patience than a request has. Raises as `retrieve`."""
    progress = Progress()
    mix, context = open_request(request)
    context = replace(context, deadline=Deadline.after_ms(_PATIENCE_MS))
    rules = Rules.of(request, context, mix, type_ids())
    planned = planned_calls(mix, request, known=len(rules.seen))
    own = {call.source.name for call in planned}
    others = [
        Call(source, _ASKED, _PATIENCE_MS, {}) for name, source in all_sources().items() if name not in own
    ]
    calls = [replace(call, limit_ms=_PATIENCE_MS) for call in planned] + others
    found, reports = run(calls, context, began=progress.began)
    titles = _titles(found, item_id, context)
    chosen = chosen_names(context)
    return tuple(
        _word(report, found[report.name], item_id, titles, chosen, in_mix=report.name in own)
        for report in reports
    )


def _word(
    report: SourceReport,
    found: Found,
    item_id: int,
    titles: Mapping[int, str],
    chosen: Mapping[int, str],
    *,
    in_mix: bool,
) -> Word:
    places = np.flatnonzero(found.item_ids == item_id)
    if not len(places):
        return Word(report.name, in_mix, report)
    place = int(places[0])
    seed = int(found.seeds[place])
    reason = reason_text(
        report.name, titles.get(seed, ""), seed=seed, chosen=chosen_behind(chosen, item_id, seed)
    )
    return Word(report.name, in_mix, report, place + 1, float(found.scores[place]), reason)


def _titles(found: Mapping[str, Found], item_id: int, context: Context) -> dict[int, str]:
    """Of the items that led sources to this one; another's seeds may be users."""
    seeds: Ids = np.array(
        [
            seed
            for name, some in found.items()
            if names_seed(name)
            for seed in some.seeds[some.item_ids == item_id].tolist()
            if seed > 0
        ],
        np.int64,
    )
    if not len(seeds):
        return {}
    facts = load_facts(np.unique(seeds), context.deadline)
    return {
        seed: facts.titles[row]
        for seed, row in zip(seeds.tolist(), facts.rows_of(seeds).tolist(), strict=True)
        if row >= 0
    }

"""An answer in numbers: what came from where, what was removed, how varied the rest is."""

from dataclasses import dataclass

import numpy as np

from console.inspector.tiles import SourceLabel, source_label
from retrieval.answer import Answer

_REMOVED = {
    "seen": "already engaged with",
    "inactive": "taken out of the catalogue",
    "deleted": "no longer in the catalogue",
    "blocked": "blocked by the user",
    "blocked_item": "item blocked by the user",
    "blocked_creator": "creator blocked by the user",
    "blocked_tag": "tag blocked by the user",
    "excluded": "excluded by the request",
    "caps": "above a cap of the mix",
}
_DIVERSITY = {
    "intra_list_diversity": ("Intra-list diversity", "mean distance of two candidates' tags, 0 to 1"),
    "creators": ("Creators", "different ones in the answer"),
    "categories": ("Categories", "different ones in the answer"),
    "tags": ("Tags", "different ones in the answer"),
    "above_caps": ("Above a cap", "let back in rather than fall short"),
}

_LEVELS = {"L1": "from the cache (L1: an earlier request)", "L3": "from the cache (L3: computed ahead)"}
_MISSED = {
    "absent": "nothing kept",
    "unreadable": "damaged",
    "user": "of an earlier user with this id",
    "short": "too few",
    "invalidated": "invalidated",
    "history": "older than the newest event",
    "expired": "expired",
    "early": "made anew before it expires",
}


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the final candidates a source proposed, alone or with others."""

    source: SourceLabel
    found: int  # before merge and filters; 0 where the answer came from the cache
    kept: int
    alone: int  # of those kept, proposed by no other source
    kept_percent: float  # of the answer
    alone_percent: float


@dataclass(frozen=True, slots=True)
class Removal:
    reason: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    hint: str


def shares(answer: Answer) -> tuple[Share, ...]:
    """One per source that ran or proposed something, in the mix's order."""
    by_source = answer.pool.ranks > 0
    lonely = by_source.sum(axis=1) == 1
    columns = {name: by_source[:, column] for column, name in enumerate(answer.pool.sources)}
    nobody = np.zeros(len(answer.pool), dtype=bool)
    found: dict[str, int] = {}
    for report in answer.reports:
        found[report.name] = found.get(report.name, 0) + report.found
    whole = max(len(answer.pool), 1)
    made = []
    for name in dict.fromkeys([*answer.pool.sources, *found]):
        mine = columns.get(name, nobody)
        kept, alone = int(mine.sum()), int((mine & lonely).sum())
        made.append(
            Share(
                source=source_label(name),
                found=found.get(name, 0),
                kept=kept,
                alone=alone,
                kept_percent=round(100 * kept / whole, 2),
                alone_percent=round(100 * alone / whole, 2),
            )
        )
    return tuple(made)


def shared_by_several(answer: Answer) -> int:
    """Candidates that two or more sources proposed."""
    return int(((answer.pool.ranks > 0).sum(axis=1) > 1).sum())


def removals(answer: Answer) -> tuple[Removal, ...]:
    """What filters and caps took out, the most first."""
    ordered = sorted(answer.dropped.items(), key=lambda pair: -pair[1])
    return tuple(Removal(name, removal_words(name), count) for name, count in ordered)


def removal_words(reason: str) -> str:
    return _REMOVED.get(reason, reason.replace("_", " "))


def cache_lines(answer: Answer) -> tuple[str, ...]:
    """What the cache had to do with it: where the candidates are from, and why each level had nothing better."""
    used = answer.cache
    if used.level == "none":
        first = "computed now"
    else:
        first = f"{_LEVELS.get(used.level, used.level)}, {used.age_s:,.0f} s old"
        first += ", served while somebody else makes them anew" if used.stale else ""
    unfiltered = ("filtered from the list kept for all requests",) if used.unfiltered else ()
    missed = (
        f"{seen.level}: {'no answer' if seen.result == 'error' else _MISSED.get(seen.reason, seen.reason)}"
        for seen in used.trail
        if seen.result != "hit"
    )
    return first, *unfiltered, *missed


def diversity(answer: Answer) -> tuple[Figure, ...]:
    figures = []
    for name, value in answer.diversity.items():
        label, hint = _DIVERSITY.get(name, (name.replace("_", " ").capitalize(), ""))
        figures.append(
            Figure(label, f"{value:,.0f}" if value == int(value) and value != 1 else f"{value:.3f}", hint)
        )
    return tuple(figures)

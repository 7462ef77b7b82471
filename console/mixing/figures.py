"""Two mixes in numbers, over all the people who were asked under both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from console.inspector.tiles import SourceLabel, source_label
from console.mixing.asking import Pair
from retrieval.answer import Answer

_Sides = tuple[list[Answer], list[Answer]]


@dataclass(frozen=True, slots=True)
class Figure:
    """better: 1 where the draft's is, −1 where the live one's is, 0 where that can't be said."""

    label: str
    definition: str
    live: str
    draft: str
    change: str
    better: int = 0


@dataclass(frozen=True, slots=True)
class SourceShares:
    """Percent of the first places that the source proposed, alone or with others."""

    source: SourceLabel
    live: float
    draft: float

    @property
    def change(self) -> float:
        return self.draft - self.live


def figures(pairs: Sequence[Pair], *, k: int) -> list[Figure]:
    """None where nobody was asked."""
    if not pairs:
        return []
    sides = [one.live for one in pairs], [one.draft for one in pairs]
    people = len(pairs)
    found = [
        _figure(
            "Different items",
            f"Distinct items among the first {k} of all {people} people: how much of the catalogue they see.",
            sides,
            lambda answers: len({item for one in answers for item in one.pool.item_ids.tolist()}),
            form="{:,.0f}",
            more=1,
        ),
        _figure(
            "Intra-list diversity",
            "Mean distance of two candidates’ tags in one person’s list, 0 to 1; a mean over the people.",
            sides,
            lambda answers: _mean_diversity(answers, "intra_list_diversity"),
            form="{:.3f}",
            more=1,
        ),
        _figure(
            "Creators in a list",
            "Different creators in one person’s list; a mean over the people.",
            sides,
            lambda answers: _mean_diversity(answers, "creators"),
            form="{:,.1f}",
            more=1,
        ),
        _figure(
            "Length of a list",
            f"Candidates in the answer, of {k} asked for; a mean over the people.",
            sides,
            lambda answers: float(np.mean([len(one.pool) for one in answers])),
            form="{:,.1f}",
            more=1,
        ),
        _figure(
            "Milliseconds, median",
            "Of an answer without the cache, in turns on this machine just now: compare, do not quote.",
            sides,
            lambda answers: float(np.median(_ms(answers))),
            form="{:,.1f}",
        ),
        _figure(
            "Milliseconds, slowest of twenty",
            "The 95th percentile of the same; with few people it is little more than the slowest one.",
            sides,
            lambda answers: float(np.quantile(_ms(answers), 0.95)),
            form="{:,.1f}",
        ),
    ]
    # A catalogue without creators has nothing to say of them.
    return [one for one in found if one.change]


def source_shares(pairs: Sequence[Pair]) -> list[SourceShares]:
    """The largest of the draft first. A candidate that two sources proposed counts for both."""
    live, draft = _shares([one.live for one in pairs]), _shares([one.draft for one in pairs])
    names = sorted(live.keys() | draft.keys(), key=lambda name: (-draft.get(name, 0.0), name))
    return [SourceShares(source_label(name), live.get(name, 0.0), draft.get(name, 0.0)) for name in names]


def _figure(
    label: str,
    definition: str,
    sides: _Sides,
    of: Callable[[list[Answer]], float],
    *,
    form: str,
    more: int = 0,
) -> Figure:
    before, after = of(sides[0]), of(sides[1])
    change = f"{100 * (after / before - 1):+.1f} %" if before else "–" if after else ""
    better = more * int(np.sign(round(after - before, 6)))
    return Figure(label, definition, form.format(before), form.format(after), change, better)


def _mean_diversity(answers: list[Answer], name: str) -> float:
    return float(np.mean([one.diversity.get(name, 0.0) for one in answers]))


def _ms(answers: list[Answer]) -> list[float]:
    return [one.timings_ms.get("total", 0.0) for one in answers]


def _shares(answers: list[Answer]) -> dict[str, float]:
    found: dict[str, int] = {}
    for one in answers:
        counts = (one.pool.ranks > 0).sum(axis=0).tolist()
        for name, count in zip(one.pool.sources, counts, strict=True):
            found[name] = found.get(name, 0) + count
    whole = max(sum(len(one.pool) for one in answers), 1)
    return {name: round(100 * count / whole, 1) for name, count in found.items() if count}

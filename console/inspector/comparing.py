"""Two lists for the same user beside each other: what comes in, what goes, what moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from console.inspector import overview
from console.inspector.question import Question
from console.inspector.shown_before import PastRequest, shown_in
from console.inspector.tiles import SourceLabel, Tile, source_label, tile
from retrieval.answer import Answer
from retrieval.deadline import Deadline
from retrieval.facts import load_facts
from retrieval.service import retrieve

LISTED = 12
_LOOKUP_MS = 1000


@dataclass(frozen=True, slots=True)
class Move:
    """An item's place before and after, from 1; 0: not there. note: what the user did with it."""

    tile: Tile
    before: int
    after: int
    note: str = ""

    @property
    def up(self) -> int:
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of both lists, as texts; "" where it is not known."""

    label: str
    before: str
    after: str
    source: SourceLabel | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of the first `depth` places. both: items that are in both; entered, left, moved: at most `LISTED` each."""

    before: str
    after: str
    depth: int
    both: int
    entered_count: int
    entered: tuple[Move, ...]
    left: tuple[Move, ...]
    moved: tuple[Move, ...]
    figures: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Item ids with (before, after); entered by place after, left by place before, moved by how far."""

    both: int
    entered: list[tuple[int, int, int]]
    left: list[tuple[int, int, int]]
    moved: list[tuple[int, int, int]]


def changes(before: Sequence[int], after: Sequence[int]) -> Changes:
    """Pure; both are item ids, best first, each once."""
    old = {item_id: place for place, item_id in enumerate(before, 1)}
    new = {item_id: place for place, item_id in enumerate(after, 1)}
    moved = [(item_id, old[item_id], new[item_id]) for item_id in after if item_id in old]
    return Changes(
        both=len(moved),
        entered=[(item_id, 0, place) for item_id, place in new.items() if item_id not in old],
        left=[(item_id, place, 0) for item_id, place in old.items() if item_id not in new],
        moved=sorted((one for one in moved if one[1] != one[2]), key=lambda one: -abs(one[1] - one[2])),
    )


def compared(question: Question, answer: Answer, now: datetime) -> Comparison | None:
    """What `question.against` names beside the answer; None where it names nothing, or a request that left no
    impression. Raises as `retrieve`."""
    kind, _, name = question.against.partition(":")
    if kind == "past":
        past = shown_in(answer.user_id, name)
        return _with_past(past, answer) if past else None
    if kind not in {"mix", "model"}:
        return None
    other = retrieve(question.beside(kind, int(name)).to_request(now))
    return _with_answer(answer, other, f"mix #{name}" if kind == "mix" else f"model v{name}")


def _with_answer(answer: Answer, other: Answer, named: str) -> Comparison:
    before, after = answer.pool.item_ids.tolist(), other.pool.item_ids.tolist()
    return _comparison(
        f"mix #{answer.mix_revision}, model v{answer.model_version}",
        named,
        changes(before, after),
        max(len(before), len(after)),
        figures=(*_figures(answer, other), *_sources(answer, other)),
    )


def _with_past(past: PastRequest, answer: Answer) -> Comparison:
    # What was shown is the head of what was asked for then.
    after = answer.pool.item_ids[: len(past.item_ids)].tolist()
    found = changes(past.item_ids, after)
    # What fell behind the places that were shown has a place all the same.
    places = {item_id: place for place, item_id in enumerate(answer.pool.item_ids.tolist(), 1)}
    found = Changes(
        found.both, found.entered, [(i, place, places.get(i, 0)) for i, place, _ in found.left], found.moved
    )
    return _comparison(
        f"shown {past.shown_at:%Y-%m-%d %H:%M} UTC", "now", found, len(past.item_ids), notes=past.done
    )


def _comparison(
    before: str,
    after: str,
    found: Changes,
    depth: int,
    *,
    figures: tuple[Pair, ...] = (),
    notes: dict[int, str] | None = None,
) -> Comparison:
    listed = [some[:LISTED] for some in (found.entered, found.left, found.moved)]
    ids = np.unique(np.array([one[0] for some in listed for one in some], np.int64))
    facts = load_facts(ids, Deadline.after_ms(_LOOKUP_MS))
    rows = dict(zip(ids.tolist(), facts.rows_of(ids).tolist(), strict=True))
    entered, left, moved = (
        tuple(
            Move(tile(facts, rows[item_id]), was, will, (notes or {}).get(item_id, ""))
            for item_id, was, will in some
            if rows[item_id] >= 0
        )
        for some in listed
    )
    return Comparison(before, after, depth, found.both, len(found.entered), entered, left, moved, figures)


def _figures(answer: Answer, other: Answer) -> tuple[Pair, ...]:
    def ms(one: Answer) -> str:
        return "cached" if one.cache.level != "none" else f"{one.timings_ms.get('total', 0.0):.1f} ms"

    old = {figure.label: figure.value for figure in overview.diversity(answer)}
    new = {figure.label: figure.value for figure in overview.diversity(other)}
    return (
        Pair("Given", f"{len(answer.pool):,}", f"{len(other.pool):,}"),
        Pair("Took", ms(answer), ms(other)),
        *(Pair(label, old.get(label, ""), new.get(label, "")) for label in dict.fromkeys([*old, *new])),
    )


def _sources(answer: Answer, other: Answer) -> tuple[Pair, ...]:
    old = {share.source.name: share.kept for share in overview.shares(answer)}
    new = {share.source.name: share.kept for share in overview.shares(other)}
    return tuple(
        Pair(label.label, f"{old.get(name, 0):,}", f"{new.get(name, 0):,}", label)
        for name in dict.fromkeys([*old, *new])
        for label in [source_label(name)]
    )

"""The candidates of an answer as cards for the page."""

from dataclasses import dataclass

import numpy as np

from console.inspector.tiles import SourceLabel, Tile, source_label, tile
from retrieval.answer import Answer
from retrieval.reasons import chosen_behind, reason_text
from retrieval.types import Ids

PAGE_SIZE = 48
SIDE_BY_SIDE_SIZE = 15


@dataclass(frozen=True, slots=True)
class Provenance:
    """One source's word on a candidate; `rank` from 1, `score` the source's own."""

    source: SourceLabel
    rank: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Card:
    place: int  # in the merged list, from 1
    tile: Tile
    score: float
    provenance: tuple[Provenance, ...]  # the source that ranked it best comes first


@dataclass(frozen=True, slots=True)
class Column:
    """The candidates that one source proposed, in its own order."""

    source: SourceLabel
    total: int
    cards: tuple[Card, ...]


def merged_cards(answer: Answer, page: int) -> tuple[Card, ...]:
    """One page of the merged list, best first; pages count from 1."""
    start = (page - 1) * PAGE_SIZE
    return _cards(answer, np.arange(start, min(start + PAGE_SIZE, len(answer.pool))))


def source_column(answer: Answer, name: str, *, page: int = 1, size: int = PAGE_SIZE) -> Column:
    """One page of what a source proposed, of the candidates that stayed."""
    rows = _rows_of_source(answer, name)
    cards = _cards(answer, rows[(page - 1) * size : page * size])
    return Column(source_label(name), len(rows), cards)


def _rows_of_source(answer: Answer, name: str) -> Ids:
    if name not in answer.pool.sources:
        return np.empty(0, np.int64)
    ranks = answer.pool.ranks[:, answer.pool.sources.index(name)]
    rows = np.flatnonzero(ranks)
    return rows[np.argsort(ranks[rows], kind="stable")].astype(np.int64)


def _cards(answer: Answer, rows: Ids) -> tuple[Card, ...]:
    places = answer.facts.rows_of(answer.pool.item_ids[rows])
    return tuple(
        Card(
            place=int(row) + 1,
            tile=tile(answer.facts, int(place)),
            score=float(answer.pool.scores[row]),
            provenance=_provenance(answer, int(row)),
        )
        for row, place in zip(rows, places, strict=True)
    )


def _provenance(answer: Answer, row: int) -> tuple[Provenance, ...]:
    pool = answer.pool
    columns = np.flatnonzero(pool.ranks[row])
    seed_rows = answer.facts.rows_of(pool.seeds[row, columns])
    words = [
        Provenance(
            source=source_label(pool.sources[column]),
            rank=int(pool.ranks[row, column]),
            score=float(pool.source_scores[row, column]),
            reason=reason_text(
                pool.sources[column],
                answer.facts.titles[seed_row] if seed_row >= 0 else "",
                seed=int(pool.seeds[row, column]),
                chosen=chosen_behind(answer.chosen, int(pool.item_ids[row]), int(pool.seeds[row, column])),
            ),
        )
        for column, seed_row in zip(columns.tolist(), seed_rows.tolist(), strict=True)
    ]
    return tuple(sorted(words, key=lambda word: word.rank))

"""Examples of what was found and is not in the answer, by reason."""

from dataclasses import dataclass

import numpy as np

from console.inspector.overview import removal_words
from console.inspector.tiles import Tile, tile
from retrieval.deadline import Deadline
from retrieval.explain import left_out
from retrieval.facts import load_facts
from retrieval.types import Request

EACH = 5
_LOOKUP_MS = 1000


@dataclass(frozen=True, slots=True)
class Examples:
    """The best of those that were left out for this reason; `gone`: more whose facts are no longer there."""

    words: str
    tiles: tuple[Tile, ...]
    gone: int


def examples_of(request: Request) -> tuple[Examples, ...]:
    """By reason; the request is computed afresh for it. Raises as `retrieve`."""
    by_reason = left_out(request, each=EACH)
    if not by_reason:
        return ()
    facts = load_facts(np.unique(np.concatenate(list(by_reason.values()))), Deadline.after_ms(_LOOKUP_MS))
    made = []
    for reason, item_ids in by_reason.items():
        rows = [row for row in facts.rows_of(item_ids).tolist() if row >= 0]
        made.append(
            Examples(
                removal_words(reason), tuple(tile(facts, row) for row in rows), len(item_ids) - len(rows)
            )
        )
    return tuple(made)

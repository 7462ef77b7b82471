"""Which candidates are there by the luck of a draw alone, and how likely that was."""

from collections.abc import Sequence

import numpy as np

from coldstart.impressions import LONG_TAIL
from retrieval.answer import Placement
from retrieval.types import Pool


def drawn_from_the_tail(pool: Pool, placements: Sequence[Placement]) -> tuple[Placement, ...]:
    """One for each candidate that nobody but the long tail proposed, with the chance that it was drawn; none where a
    placement says another already. Who weighs what follows by 1 ÷ propensity learns of the tail as if all of it had
    been shown alike."""
    if LONG_TAIL not in pool.sources:
        return ()
    column = pool.sources.index(LONG_TAIL)
    proposed = pool.ranks > 0
    alone = np.flatnonzero(proposed[:, column] & (proposed.sum(axis=1) == 1))
    placed = {placement.item_id for placement in placements}
    return tuple(
        Placement(row + 1, int(pool.item_ids[row]), LONG_TAIL, float(pool.source_scores[row, column]))
        for row in alone.tolist()
        if int(pool.item_ids[row]) not in placed
    )

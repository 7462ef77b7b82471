"""What people alike like most: the same age group, location and language, or what of it has people enough."""

import threading

import numpy as np
from cachetools import TTLCache

from coldstart.config import newcomers
from coldstart.demographics import Cell, ancestors
from retrieval.asking import ask
from retrieval.source import Course, register
from retrieval.sql import sees_uncommitted
from retrieval.types import Context, Found

_READ = """
SELECT id, age_group, location, language, item_ids, shares::real[] FROM coldstart_demographiccell
WHERE (age_group, location, language) IN (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]))
"""
_KEPT = 2_000  # lists of 500 items, 6 KB each
_kept: "TTLCache[Cell, Found]" = TTLCache(_KEPT, newcomers().demographic_cached_s)
_lock = threading.Lock()


@register
class Demographic:
    name = "demographic"
    label = "People like you"
    explores = False
    course = Course.NEXT
    reason = "popular with people like you"
    reason_unseeded = "popular here"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """The items with the largest shares in the finest cell of the user's that is kept: see
        `coldstart.demographics`. The seed is the cell's id, 0 where it is that of everybody. At most an hour old; one
        query where the process doesn't keep the cell."""
        if k <= 0:
            return Found.empty()
        cell = Cell(context.age_group, context.location, context.language)
        # What an open transaction wrote may be rolled back.
        if sees_uncommitted():
            return _read(cell, context).head(k)
        with _lock:
            found = _kept.get(cell)
        if found is None:
            found = _read(cell, context)
            if len(found):
                with _lock:
                    _kept[cell] = found
        return found.head(k)


def forget_cells() -> None:
    """As a process that has never read any."""
    with _lock:
        _kept.clear()


def _read(cell: Cell, context: Context) -> Found:
    cells = ancestors(cell)
    columns = [list(column) for column in zip(*cells, strict=True)]
    rows = ask(_READ, columns, context.deadline)
    lists = {Cell(*names): (cell_id, item_ids, shares) for cell_id, *names, item_ids, shares in rows}
    best = next((one for one in cells if one in lists), None)
    if best is None:
        return Found.empty()
    cell_id, item_ids, shares = lists[best]
    return Found(item_ids, shares, np.full(len(item_ids), cell_id if best.known else 0, np.int64))

"""The row of each item: an array where ids lie close together, as a sequence gives them out, else a dictionary."""

from collections.abc import Iterable
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Ids

Rows = NDArray[np.int64]
# Up to so many ids for each item that is kept, and so many besides, the array is small beside what it finds.
_IDS_PER_ITEM, _IDS_BESIDES = 16, 1_000_000
# Of a dictionary's entry with its two numbers.
_ENTRY_BYTES = 160


class Places:
    """Adding and removing is for one thread at a time."""

    def __init__(self) -> None:
        self._row_of: NDArray[np.int32] | None = np.full(1024, -1, np.int32)
        self._sparse: dict[int, int] = {}
        self._added = 0

    def add(self, ids: Ids, rows: Rows) -> None:
        """The rows of these ids, in place of earlier ones. Ids are above 0."""
        self._added += len(ids)
        if self._row_of is not None:
            self._make_room(int(ids.max(initial=0)))
        if self._row_of is not None:
            self._row_of[ids] = rows
        else:
            self._sparse.update(zip(ids.tolist(), rows.tolist(), strict=True))

    def drop(self, ids: Iterable[int]) -> None:
        for item_id in ids:
            if self._row_of is None:
                self._sparse.pop(item_id, None)
            elif 0 <= item_id < len(self._row_of):
                self._row_of[item_id] = -1

    def find(self, ids: Ids) -> Rows:
        """int64 [n]: the row of each id, -1 where there is none."""
        row_of = self._row_of
        if row_of is None:
            return np.fromiter(map(self._sparse.get, ids.tolist(), repeat(-1)), np.int64, len(ids))
        inside = (ids >= 0) & (ids < len(row_of))
        rows: Rows = row_of[np.where(inside, ids, 0)].astype(np.int64)
        rows[~inside] = -1
        return rows

    def bytes(self) -> int:
        """About how much memory it takes."""
        return self._row_of.nbytes if self._row_of is not None else _ENTRY_BYTES * len(self._sparse)

    def _make_room(self, largest: int) -> None:
        row_of = self._row_of
        if row_of is None or largest < len(row_of):
            return
        if largest >= _IDS_BESIDES + _IDS_PER_ITEM * self._added:
            there = np.flatnonzero(row_of >= 0)
            self._sparse = dict(zip(there.tolist(), row_of[there].tolist(), strict=True))
            self._row_of = None
            return
        grown = np.full(max(largest + 1, 2 * len(row_of)), -1, np.int32)
        grown[: len(row_of)] = row_of
        self._row_of = grown

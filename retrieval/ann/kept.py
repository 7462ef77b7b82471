"""A small catalogue's vectors in the process: every row compared by one product, without asking Postgres."""

import threading
from dataclasses import dataclass

import numpy as np

from retrieval.ann import rows
from retrieval.ann.halfvec import from_sent
from retrieval.ann.index import Vectors
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sets import among, ascending, largest
from retrieval.turns import undisturbed
from retrieval.types import Ids, LiveModel, Scores, SourceTimeout

_EVERY_ROW = (
    "SELECT coalesce(array_agg(item_id ORDER BY item_id), '{{}}'),"
    " coalesce(string_agg(halfvec_send(vector), '' ORDER BY item_id), ''),"
    " coalesce(string_agg(halfvec_send(history), '' ORDER BY item_id), '') FROM {table}"
)
# Of each row the searched vector and the history vector, both float32.
_BYTES_PER_DIMENSION = 8


@dataclass(frozen=True, slots=True)
class KeptIndex:
    """`retrieval.ann.index.VectorIndex` over arrays: exact. item_ids: int64 [n], ascending; vectors, history: float32
    [n, dim]."""

    item_ids: Ids
    vectors: Vectors
    history: Vectors

    @classmethod
    def read(cls, table: str, deadline: Deadline | None = None) -> "KeptIndex":
        """All of the version's table. Raises IndexUnavailable, SourceTimeout."""
        [(item_ids, vectors, history)] = rows.fetch_all(table, rows.quoted(_EVERY_ROW, table), (), deadline)
        return cls(item_ids, from_sent(vectors, len(item_ids)), from_sent(history, len(item_ids)))

    def search(
        self, vector: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = 0
    ) -> tuple[Ids, Scores]:
        if k <= 0 or not len(self.item_ids):
            return rows.ranked([])
        scores = self.vectors @ np.asarray(vector, np.float32)
        best = largest(scores, k)  # ids ascend, so equal scores fall in order of id
        return self.item_ids[best], scores[best]

    def search_each(
        self, vectors: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = 0
    ) -> list[tuple[Ids, Scores]]:
        return [self.search(vector, k, deadline=deadline, ef_search=ef_search) for vector in vectors]

    def item_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return self._of(self.vectors, ids)

    def history_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return self._of(self.history, ids)

    def _of(self, vectors: Vectors, ids: Ids) -> tuple[Ids, Vectors]:
        known = ascending(np.asarray(ids, np.int64))
        known = known[among(known, self.item_ids)]
        return known, vectors[np.searchsorted(self.item_ids, known)]


# Vectors and factors of the live version, of the one before, and of one that is warmed or measured.
_MOST = 6
# By table: what is kept, and as of which mark. A plain dict: who only looks needs no lock.
_kept: dict[str, tuple[str, KeptIndex]] = {}
_lock = threading.Lock()


def kept_index(model: LiveModel, *, deadline: Deadline | None) -> KeptIndex:
    """The version's vectors, kept in the process from the first call on.

    What is kept is as of `model.vectors_changed_at` or newer: it is read again once that moves, within a second of new
    items' being placed. Raises IndexUnavailable and SourceTimeout where it is read.
    """
    table = model.vectors_table
    as_of, kept = _kept.get(table, ("", None))
    if kept is not None and as_of >= model.vectors_changed_at:
        return kept
    # One thread reads. Meanwhile the others go on with what is there, or wait where there is nothing.
    patience_s = -1 if deadline is None else deadline.remaining_s()
    if not _lock.acquire(timeout=0 if kept is not None else patience_s):
        if kept is not None:
            return kept
        raise SourceTimeout("Another thread was still reading the version's vectors at the deadline.")
    try:
        as_of, kept = _kept.get(table, ("", None))
        if kept is None or as_of < model.vectors_changed_at:
            with undisturbed():
                kept = KeptIndex.read(table, deadline)
            _keep(table, model.vectors_changed_at, kept)
        return kept
    finally:
        _lock.release()


def _keep(table: str, as_of: str, index: KeptIndex) -> None:
    """Under the lock."""
    _kept.pop(table, None)
    _kept[table] = (as_of, index)
    for oldest in list(_kept)[:-_MOST]:
        del _kept[oldest]


def forget_kept_vectors() -> None:
    """As a process that has never read any."""
    with _lock:
        _kept.clear()


def fits(n: int, dim: int) -> bool:
    """Whether so many rows are kept in the process, and so compared exactly."""
    return 0 < n * dim * _BYTES_PER_DIMENSION <= config().vectors_cache_mb * 1_000_000

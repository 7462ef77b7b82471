"""Searches a snapshot in the process, and beside it what changed since: as fresh as the table, in less time."""

from dataclasses import dataclass, replace

import numpy as np

from retrieval import metrics
from retrieval.ann import rows
from retrieval.ann.index import Vectors
from retrieval.ann.pgvector import EF_SEARCH, PgVectorIndex
from retrieval.ann.snapshots.changes import Changes
from retrieval.ann.snapshots.layouts import ALL, Allowed, nearest
from retrieval.ann.snapshots.library import use_threads
from retrieval.ann.snapshots.manifest import read_current
from retrieval.ann.snapshots.opening import Opened, open_snapshot
from retrieval.deadline import Deadline
from retrieval.sets import among
from retrieval.types import Ids, LiveModel, Scores, SourceTimeout


@dataclass(frozen=True, slots=True)
class SnapshotIndex:
    """`retrieval.ann.index.VectorIndex`. Immutable: what is newer is another one, which takes its place in one step.

    allowed: the places whose items did not change since.
    """

    opened: Opened
    changes: Changes
    allowed: Allowed

    @classmethod
    def current(cls, model: LiveModel, deadline: Deadline | None = None) -> "SnapshotIndex":
        """The machine's newest of this version, brought up to date. Raises SnapshotUnusable, IndexUnavailable,
        SourceTimeout."""
        opened = open_snapshot(read_current(model.vectors_table), model)
        manifest = opened.manifest
        nothing = Changes.none(model.dim, seen_before=manifest.seen_before, origin=manifest.origin)
        return cls(opened, nothing, ALL).brought_up_to_date(deadline)

    @property
    def table(self) -> str:
        return self.opened.manifest.table

    def brought_up_to_date(self, deadline: Deadline | None) -> "SnapshotIndex":
        """With the changes up to now. Raises SnapshotUnusable, IndexUnavailable, SourceTimeout."""
        changes = self.changes.brought_up_to_date(self.table, deadline)
        if len(changes.touched) == 0 or np.array_equal(changes.touched, self.changes.touched):
            return replace(self, changes=changes)
        return SnapshotIndex(self.opened, changes, _untouched(self.opened.item_ids, changes.touched))

    def search(
        self, vector: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = EF_SEARCH
    ) -> tuple[Ids, Scores]:
        if k <= 0:
            return rows.ranked([])
        if deadline is not None and deadline.remaining_s() <= 0:
            raise SourceTimeout("The deadline passed before the snapshot was searched.")
        try:
            return self._nearest(np.ascontiguousarray(vector, np.float32), k, ef_search)
        except (RuntimeError, MemoryError, AssertionError) as error:
            # What FAISS raises says nothing of Postgres.
            metrics.SNAPSHOT_UNUSED.labels(type(error).__name__).inc()
            return PgVectorIndex(self.table).search(vector, k, deadline=deadline, ef_search=ef_search)

    def search_each(
        self, vectors: Vectors, k: int, *, deadline: Deadline | None, ef_search: int = EF_SEARCH
    ) -> list[tuple[Ids, Scores]]:
        return [self.search(vector, k, deadline=deadline, ef_search=ef_search) for vector in vectors]

    def _nearest(self, query: Vectors, k: int, effort: int) -> tuple[Ids, Scores]:
        use_threads(1)
        scores, places = nearest(self.opened.index, query, k, effort=effort, allowed=self.allowed)
        ids = np.asarray(self.opened.item_ids[places])
        if len(self.changes.item_ids):
            ids = np.concatenate([ids, self.changes.item_ids])
            scores = np.concatenate([scores, self.changes.vectors @ query])
        best = np.lexsort((ids, -scores))[:k]
        return ids[best], scores[best]

    def item_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "vector", ids, deadline)

    def history_vectors(self, ids: Ids, *, deadline: Deadline | None) -> tuple[Ids, Vectors]:
        return rows.vectors_of(self.table, "history", ids, deadline)


def _untouched(item_ids: Ids, touched: Ids) -> Allowed:
    known = touched[among(touched, item_ids)]
    allowed = np.ones(len(item_ids), np.bool_)
    allowed[np.searchsorted(item_ids, known)] = False
    return Allowed.of(allowed)

"""Model versions in any state, without training one."""

import datetime as dt

import numpy as np

from retrieval.models import ModelVersion
from retrieval.offline import vectors_table

CUTOFF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def version(state: str = ModelVersion.State.READY, *, dim: int = 2) -> ModelVersion:
    """A version with an empty table of vectors."""
    made = ModelVersion.objects.create(state=state, dim=dim, cutoff=CUTOFF)
    vectors_table.create(made.vectors_table, dim)
    return made


def fill(made: ModelVersion, rows: dict[int, list[float]]) -> None:
    """Item id → vector; the history vectors are the same ones."""
    vectors = np.array(list(rows.values()), np.float32)
    vectors_table.copy_in(made.vectors_table, np.array(list(rows), np.int64), vectors, vectors)

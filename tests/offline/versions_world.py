"""Model versions in any state, without training one."""

import datetime as dt

import numpy as np

from retrieval.models import ModelVersion, remember
from retrieval.offline import vectors_table

CUTOFF = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def version(state: str = ModelVersion.State.READY, *, dim: int = 2) -> ModelVersion:
    """A version with an empty table of vectors."""
    made = ModelVersion.objects.create(state=state, dim=dim, cutoff=CUTOFF)
    vectors_table.create(made.vectors_table, dim)
    return made


def fill(made: ModelVersion, rows: dict[int, list[float]], *, table: str = "") -> None:
    """Item id → vector; the history vectors are the same ones. table: another one than the vectors'."""
    vectors = np.array(list(rows.values()), np.float32)
    vectors_table.copy_in(table or made.vectors_table, np.array(list(rows), np.int64), vectors, vectors)


def with_factors_and_sequences(made: ModelVersion, factors: dict[int, list[float]]) -> None:
    """A factorization with these rows and a sequence model that knows no item; neither could solve for anybody."""
    for key, table, rows in (
        ("factorizing", made.factors_table, factors),
        ("sequencing", made.sequence_table, {}),
    ):
        vectors_table.create(table, made.dim)
        if rows:
            fill(made, rows, table=table)
        remember(made.pk, key, {"dim": made.dim})
    made.refresh_from_db()

"""Vectors of items from outside into a named set: what `manage.py import_data vectors` writes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from catalog.external_ids import find_items
from catalog.imports.cells import BadCell, Cells
from catalog.imports.kind import Kind, Options, nothing_to_prepare
from catalog.sql import cursor
from retrieval.ann import Vectors
from retrieval.models import ContentVectorSet
from retrieval.offline import vectors_table

MOST_DIMENSIONS = 4_000  # of pgvector's index over halfvec
_ITEM, _VECTOR = "item_id", "vector"


@dataclass(frozen=True, slots=True)
class VectorRow:
    item: str
    vector: Vectors  # float32 [dim], of length 1


@dataclass(frozen=True, slots=True)
class Stored:
    status: str
    field: str = ""
    reason: str = ""


def _parse(cells: Cells) -> VectorRow:
    item, vector = cells.required_id(_ITEM), cells.vector(_VECTOR)
    if len(vector) > MOST_DIMENSIONS:
        raise BadCell(_VECTOR, f"Has {len(vector)} numbers; at most {MOST_DIMENSIONS} can be searched.")
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if length < np.finfo(np.float32).tiny:
        raise BadCell(_VECTOR, "Is zero, and so points nowhere.")
    return VectorRow(item, (vector / length).astype(np.float32))


def _write(rows: Sequence[VectorRow], options: Options) -> Sequence[Stored]:
    """The first vector that ever comes says how many dimensions its set has. Of an item that comes twice the last
    counts. Only directions are compared, so vectors are kept at length 1."""
    if not rows:
        return []
    into = _set_for(options.vector_set, len(rows[0].vector))
    with cursor() as raw:
        known = find_items(raw, {row.item for row in rows})
    outcomes = [_judged(row, known, into) for row in rows]
    good = {
        known[row.item]: row.vector
        for row, outcome in zip(rows, outcomes, strict=True)
        if outcome.status == "stored"
    }
    if good:
        vectors = np.stack(list(good.values()))
        vectors_table.upsert(into.table, np.array(list(good), np.int64), vectors, vectors)
        into.changed_at = timezone.now()
        into.save(update_fields=["changed_at"])
    return outcomes


def _judged(row: VectorRow, known: dict[str, int], into: ContentVectorSet) -> Stored:
    if row.item not in known:
        return Stored("rejected", _ITEM, "Unknown item.")
    if len(row.vector) != into.dim:
        return Stored(
            "rejected", _VECTOR, f"Has {len(row.vector)} numbers; set {into.name!r} has {into.dim}."
        )
    return Stored("stored")


def _set_for(name: str, dim: int) -> ContentVectorSet:
    """Locked until the transaction ends."""
    found = ContentVectorSet.objects.select_for_update().filter(name=name).first()
    if found is not None:
        return found
    made = ContentVectorSet(name=name, dim=dim, changed_at=timezone.now())
    made.full_clean()
    made.save()
    vectors_table.create(made.table, dim)
    return made


def _finish(options: Options) -> None:
    """The index once all is there: it is built many times faster than it grows. A later import adds to it."""
    found = ContentVectorSet.objects.filter(name=options.vector_set).first()
    if found is not None:
        vectors_table.build_index(found.table)


VECTORS = Kind(
    required=(_ITEM, _VECTOR),
    columns={},
    parse=_parse,
    prepare=nothing_to_prepare,
    write=_write,
    batch_rows=2_000,
    finish=_finish,
)

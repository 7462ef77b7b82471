"""Measures every engine that has an index of the version, and says which effort reaches a recall at the least cost."""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from retrieval.ann import EF_SEARCH, PgVectorIndex, SnapshotIndex, VectorIndex, engine_of, fits
from retrieval.ann.pgvector import EXACT_UP_TO
from retrieval.ann.snapshots import SnapshotUnusable
from retrieval.mixes import published_mix
from retrieval.models import ModelVersion, remember
from retrieval.offline import vectors_table
from retrieval.search_tuning.curves import Asked, Curve, Point, measured
from retrieval.search_tuning.queries import live_queries
from retrieval.types import LiveModel, RetrievalError

EFFORTS = (50, 100, 200, 400, 600, 800, 1000)
log = structlog.get_logger(__name__)
# Of a version's report.
_KEPT = "search_tuning"


class NothingToTune(RetrievalError):
    """The version's vectors are compared one by one: every search is exact."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was measured. present_ef: what the published mix asks for; at: ISO time."""

    at: str
    k: int
    queries: int
    rows: int
    target: float
    present_ef: int
    curves: tuple[Curve, ...]

    def recommended(self) -> tuple[str, Point] | None:
        """(engine, its point): the fastest that reaches the target; None where nothing does."""
        reached = [(curve.engine, point) for curve in self.curves if (point := curve.least_for(self.target))]
        return min(reached, key=lambda pair: pair[1].p50_ms) if reached else None


def tune_search(
    model: LiveModel,
    *,
    k: int,
    queries: int,
    target: float,
    efforts: Sequence[int] = EFFORTS,
    say: Callable[[str], object] = log.info,
) -> Tuning:
    """Measures and keeps it in the version's report. Raises NothingToTune, NobodyAsks, IndexUnavailable."""
    table = model.vectors_table
    rows = vectors_table.count(table)
    if rows <= EXACT_UP_TO or fits(rows, model.dim):
        raise NothingToTune(f"The {rows:,} vectors of version {model.version} are compared one by one.")
    vectors = live_queries(model, queries)
    say(f"{len(vectors)} users' vectors; searching exactly for each …")
    asked = Asked.exactly(table, k, vectors)
    present = _present_ef()
    curves = []
    for index in _indexes(model):
        engine = engine_of(index)
        say(f"{engine} …")
        curves.append(measured(engine, index, asked, [*efforts, present]))
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    tuning = Tuning(at, k, len(vectors), rows, target, present, tuple(curves))
    remember(model.version, _KEPT, asdict(tuning))
    return tuning


def kept_tuning(version: ModelVersion) -> Tuning | None:
    """What was measured last; None where nothing was, or by a Headwater that kept it otherwise."""
    kept: Any = version.report.get(_KEPT)
    try:
        curves = [
            Curve(curve["engine"], tuple(Point(**point) for point in curve["points"]))
            for curve in kept["curves"]
        ]
        return Tuning(**{**kept, "curves": tuple(curves)})
    except (TypeError, KeyError):
        return None


def _indexes(model: LiveModel) -> list[VectorIndex]:
    indexes: list[VectorIndex] = [PgVectorIndex(model.vectors_table)]
    with suppress(SnapshotUnusable, ImportError):  # this machine may have none
        indexes.append(SnapshotIndex.current(model))
    return indexes


def _present_ef() -> int:
    options = [slot.options for slot in published_mix().slots if slot.name == "collaborative"]
    return int(options[0].get("ef_search", EF_SEARCH)) if options else EF_SEARCH

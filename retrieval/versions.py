"""Which model version serves, and the moves of that one pointer: promote, roll back, retire.

    building ─→ ready ⇄ live        ready ─→ retired
        └─────→ failed

A version's vectors and its encoders are only ever read together, under the version's number.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg import sql

from catalog.kept import Kept
from experiments.running import read_running
from retrieval.models import LivePointer, ModelVersion, remember
from retrieval.types import LiveModel, RetrievalError

# Of a version's report: when rows of its vectors' table last came or went.
VECTORS_CHANGED_AT = "vectors_changed_at"
# Likewise, when people last left its graph.
GRAPH_CHANGED_AT = "graph_changed_at"
# Two clicks on "promote" at once must leave one coherent pointer.
_LOCK = 7_180_001
# Until a version that was live is asked for nowhere any more: what a process last read of the pointer is a second old,
# and then it answers the request that it is at.
DRAINED_AFTER_S = 4.0
_SERVED_UNTIL = "served_until"


class NotPromotable(RetrievalError):
    """The version cannot serve: it is not finished, failed its gates, or its vectors are gone."""


class _Pinned:
    model: LiveModel | None = None


def _read_live_model() -> LiveModel | None:
    pointer = LivePointer.objects.select_related("version").first()
    return None if pointer is None else _as_live(pointer.version)


def _read_servable() -> dict[int, LiveModel]:
    states = (ModelVersion.State.READY, ModelVersion.State.LIVE)
    return {version.id: _as_live(version) for version in ModelVersion.objects.filter(state__in=states)}


_live = Kept(_read_live_model)
_servable = Kept(_read_servable)


def live_model() -> LiveModel | None:
    """The version that serves, at most a second old; None before the first promotion."""
    return _Pinned.model if _Pinned.model is not None else _live.get()


def model_by_version(version_id: int) -> LiveModel | None:
    """The version for an arm, a second old at most; None where it can't serve. The pinned one, if one is."""
    return _Pinned.model if _Pinned.model is not None else _servable.get().get(version_id)


def forget_live_model() -> None:
    """The next `live_model` asks the database."""
    _live.forget()
    _servable.forget()


@contextmanager
def pinned(version: ModelVersion) -> Iterator[None]:
    """Within the block this whole process serves that version, whichever is live: to measure it."""
    _Pinned.model = _as_live(version)
    try:
        yield
    finally:
        _Pinned.model = None


def promote(version_id: int) -> None:
    """Makes the version live; the one before stays ready, so that rolling back is instant.

    Raises NotPromotable for a version that is not ready.
    """
    with transaction.atomic():
        _lock()
        version = ModelVersion.objects.get(id=version_id)
        pointer = LivePointer.objects.select_related("version").first()
        if pointer is not None and pointer.version_id == version_id:
            return
        if version.state != ModelVersion.State.READY:
            raise NotPromotable(f"Version {version_id} is {version.state}, not ready: see its report.")
        previous = pointer.version if pointer is not None else None
        LivePointer.objects.update_or_create(id=1, defaults={"version": version, "previous": previous})
        if previous is not None:
            _move(previous, ModelVersion.State.READY)
            remember(previous.id, _SERVED_UNTIL, time.time())
        _move(version, ModelVersion.State.LIVE)
    forget_live_model()


def rollback() -> int:
    """Promotes the version that was live before, and returns its number. Raises NotPromotable where there is
    none."""
    pointer = LivePointer.objects.first()
    if pointer is None or pointer.previous_id is None:
        raise NotPromotable("There is no earlier version to go back to.")
    promote(pointer.previous_id)
    return pointer.previous_id


def retire(*, keep: int = 2) -> list[int]:
    """Drops the vectors and files of all finished versions but the live one and `keep - 1` ready ones: the
    previous live one, then the newest. What failed leaves its files too. Returns the numbers retired."""
    with transaction.atomic():
        _lock()
        surplus = _surplus(keep)
        for version in surplus:
            _drop_files(version)
            _move(version, ModelVersion.State.RETIRED)
        for version in ModelVersion.objects.filter(state=ModelVersion.State.FAILED):
            _drop_files(version)
        return [version.id for version in surplus]


def drop_tables(version: ModelVersion) -> None:
    """Removes what the version searches, in an instant."""
    with connection.cursor() as cursor:
        for table in version.tables:
            statement = sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table))
            cursor.execute(statement.as_string(None))


def until_drained_s(keep: int = 2) -> float:
    """How long to wait before `retire`: until no process can still be answering from what it drops. Mostly 0: only
    who moves the pointer twice within seconds leaves a version that neither serves nor is the one before."""
    left = [version.report.get(_SERVED_UNTIL, 0.0) for version in _surplus(keep)]
    return max(0.0, max(left, default=0.0) + DRAINED_AFTER_S - time.time()) if left else 0.0


def _surplus(keep: int) -> list[ModelVersion]:
    """The finished versions but the live one and `keep - 1` ready ones: the previous live one, then the newest. One
    that is newer than what serves and never served may be about to: it is none of them."""
    pointer = LivePointer.objects.first()
    previous_id = pointer.previous_id if pointer is not None else None
    tried = {arm.settings.model_version for experiment in read_running() for arm in experiment.arms}
    ready = [
        version
        for version in ModelVersion.objects.filter(state=ModelVersion.State.READY)
        if (pointer is None or version.id < pointer.version_id or _SERVED_UNTIL in version.report)
        and version.id not in tried
    ]
    order = sorted(ready, key=lambda version: (version.id != previous_id, -version.id))
    return order[max(keep - 1, 0) :]


def _drop_files(version: ModelVersion) -> None:
    drop_tables(version)
    version.artifacts.all().delete()


def _move(version: ModelVersion | None, state: ModelVersion.State) -> None:
    if version is not None:
        ModelVersion.objects.filter(id=version.id).update(state=state)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _as_live(version: ModelVersion) -> LiveModel:
    return LiveModel(
        version=version.id,
        dim=version.dim,
        vectors_table=version.vectors_table,
        related_table=version.related_table,
        factors_table=version.factors_table,
        has_graph=version.report.get("connecting", {}).get("edges", 0) > 0,
        factors_dim=int(version.report.get("factorizing", {}).get("dim", 0)),
        sequence_table=version.sequence_table,
        sequence_dim=int(version.report.get("sequencing", {}).get("dim", 0)),
        vectors_changed_at=version.report.get(VECTORS_CHANGED_AT, ""),
        graph_changed_at=version.report.get(GRAPH_CHANGED_AT, ""),
    )

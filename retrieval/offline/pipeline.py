"""The offline path: its steps in order, each remembered when it is done, so that a run can be taken up again."""

import datetime as dt
import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import connection, transaction

from catalog.models import Interaction
from retrieval.models import ModelVersion, remember
from retrieval.offline.evaluating import GatesFailed
from retrieval.types import RetrievalError

log = structlog.get_logger(__name__)
STEPS = (
    "snapshot",
    "training",
    "relating",
    "factorizing",
    "connecting",
    "sequencing",
    "embedding",
    "indexing",
    "evaluating",
    "warming",
    "promoting",
)
_LOCK = 7_180_002
_LATELY = dt.timedelta(hours=12)


class NotResumable(RetrievalError):
    """The version is finished, failed its gates, or another process works on it."""


def start(cutoff: dt.datetime, *, dim: int = 128, config: dict[str, Any] | None = None) -> int:
    """A new version to build from the events before `cutoff`. `config` overrides fields of TowerConfig."""
    return ModelVersion.objects.create(cutoff=cutoff, dim=dim, config=config or {}).id


def tonight(now: dt.datetime) -> int | None:
    """The version that scheduled training works on: one begun lately and not finished, else a new one; None where
    nothing ever happened that could be learned from. Called twice, it names the same version."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        building = ModelVersion.objects.filter(
            state__in=[ModelVersion.State.BUILDING, ModelVersion.State.READY], cutoff__gt=now - _LATELY
        )
        unfinished = [version.id for version in building if _to_do(version)]
        if unfinished:
            return unfinished[0]
        return start(now) if Interaction.objects.exists() else None


def run_next(version_id: int) -> bool:
    """Does the next step; whether there are more. Raises as `run` does."""
    version = ModelVersion.objects.get(id=version_id)
    steps = _to_do(version)
    if steps:
        run(version_id, until=steps[0])
    return len(steps) > 1


def run(
    version_id: int,
    *,
    until: str = STEPS[-1],
    on_step: Callable[[str, dict[str, Any] | None], None] | None = None,
) -> None:
    """The steps that are still to do, up to and with `until`. `on_step` hears of each, before (None) and after
    (its report).

    Raises NotResumable, or what a step raised: GatesFailed ends the version, anything else can be resumed.
    """
    tell = on_step or _tell_nobody
    with _alone_with(version_id):
        version = ModelVersion.objects.get(id=version_id)
        if version.state in (ModelVersion.State.FAILED, ModelVersion.State.RETIRED):
            raise NotResumable(f"Version {version_id} is {version.state}: start a new one.")
        for step in _to_do(version):
            if STEPS.index(step) <= STEPS.index(until):
                tell(step, None)
                tell(step, _run_step(version, step))


def _to_do(version: ModelVersion) -> list[str]:
    return [step for step in STEPS if step not in version.done_steps]


def _tell_nobody(step: str, report: dict[str, Any] | None) -> None:
    """The null object of `on_step`."""


def _run_step(version: ModelVersion, step: str) -> dict[str, Any]:
    started = time.monotonic()
    try:
        # By name, so that whoever schedules the path does not load what only its steps need.
        report: dict[str, Any] = importlib.import_module(f"retrieval.offline.{step}").run(version.id)
    except Exception as error:
        row = ModelVersion.objects.filter(id=version.id)
        row.update(error=f"{step}: {error}")
        if isinstance(error, GatesFailed):
            row.update(state=ModelVersion.State.FAILED)
        raise
    report = {**report, "seconds": round(time.monotonic() - started, 2)}
    remember(version.id, step, report)
    version.done_steps = [*version.done_steps, step]
    ModelVersion.objects.filter(id=version.id).update(done_steps=version.done_steps, error="")
    log.info("offline step done", version=version.id, step=step, seconds=report["seconds"])
    return report


@contextmanager
def _alone_with(version_id: int) -> Iterator[None]:
    """One process at a time works on a version; a crashed one's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, version_id])
        if cursor.fetchone() != (True,):
            raise NotResumable(f"Another process works on version {version_id}.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, version_id])

"""The sets of content vectors that there are, as what a vector index serves."""

import time
from datetime import datetime

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import LiveModel

_FRESH_S = 5.0
_READ = "SELECT name, id, dim, changed_at FROM retrieval_contentvectorset"
_kept: tuple[float, dict[str, LiveModel]] = (float("-inf"), {})  # when they were read, by time.monotonic()


def content_set(name: str, deadline: Deadline | None) -> LiveModel | None:
    """The set of that name, at most five seconds old; None where there is none. Raises SourceTimeout."""
    global _kept  # noqa: PLW0603  a per-process copy with an age
    # What an open transaction wrote may be rolled back.
    if sees_uncommitted():
        return _read(deadline).get(name)
    read_at, sets = _kept
    if time.monotonic() - read_at > _FRESH_S:
        sets = _read(deadline)
        _kept = (time.monotonic(), sets)
    return sets.get(name)


def _read(deadline: Deadline | None) -> dict[str, LiveModel]:
    return {name: _as_model(*row) for name, *row in ask(_READ, (), deadline)}


def _as_model(set_id: int, dim: int, changed_at: datetime) -> LiveModel:
    return LiveModel(
        version=0,
        dim=dim,
        vectors_table=f"content_vectors_{set_id}",
        related_table="",
        vectors_changed_at=changed_at.isoformat(timespec="microseconds"),
    )

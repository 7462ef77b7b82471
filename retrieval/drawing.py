"""What items can be drawn at random from: all active ones of a small catalogue, the range of ids of a large one."""

import time
from dataclasses import dataclass

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.sql import sees_uncommitted
from retrieval.types import Ids

# Of a catalogue whose ids span fewer, all active items are kept in the process; of a larger one, random places.
SMALL = 50_000
_FRESH_S = 10.0

_CATALOGUE = """
SELECT least, greatest, CASE WHEN greatest - least < %s
    THEN ARRAY(SELECT id FROM catalog_item WHERE active ORDER BY id)
END
FROM (SELECT min(id) AS least, max(id) AS greatest FROM catalog_item) AS bounds
"""
# Of these places those that hold an active item.
AT = "SELECT coalesce(array_agg(id), '{}') FROM catalog_item WHERE id = ANY(%s) AND active"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The ids of its first and last item; the active ones, int64 [n] ascending, where they are few."""

    least: int
    greatest: int
    active: Ids | None


_kept: tuple[float, Catalogue] | None = None  # when it was read, by time.monotonic()


def forget_catalogue() -> None:
    """As a process that has never read it."""
    global _kept  # noqa: PLW0603
    _kept = None


def catalogue(deadline: Deadline) -> Catalogue | None:
    """At most ten seconds old; None where there is no item."""
    global _kept  # noqa: PLW0603  a per-process copy with an age
    # What an open transaction wrote may be rolled back.
    keeps = not sees_uncommitted()
    if keeps and _kept and time.monotonic() - _kept[0] < _FRESH_S:
        return _kept[1]
    [(least, greatest, active)] = ask(_CATALOGUE, [SMALL], deadline)
    if least is None:
        return None
    found = Catalogue(least, greatest, active)
    if keeps:
        _kept = (time.monotonic(), found)
    return found

"""A context for tests of the request path that need no database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from catalog.history import HISTORY_DTYPE, History, empty_history
from retrieval.deadline import Deadline
from retrieval.types import Context

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOBODY = np.empty(0, np.int64)
VIEW, LIKE, HIDE = 1, 3, 8


def history(*events: tuple[int, int, float]) -> History:
    """(item, type, days before noon), in any order."""
    rows = [
        (item, int(NOON.timestamp() - days * 86_400), type_id, 0.0, 0.0) for item, type_id, days in events
    ]
    return np.array(sorted(rows, key=lambda row: row[1]), HISTORY_DTYPE)


def context(**changes: Any) -> Context:
    plain = Context(
        user_id=1,
        external_id="alice",
        now=NOON,
        surface="default",
        history=empty_history(),
        history_version=0,
        event_count=0,
        event_weights={VIEW: 1.0, LIKE: 3.0, HIDE: -5.0},
        friends=NOBODY,
        blocked_items=NOBODY,
        blocked_creators=NOBODY,
        blocked_tags=frozenset(),
        age_group="",
        location="",
        language="",
        attributes={},
        arms={},
        seed=1,
        model=None,
        deadline=Deadline.after_ms(60_000),
        options={},
    )
    return replace(plain, **changes)

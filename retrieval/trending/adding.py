"""Moves trending as events arrive."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from catalog.events import EventResult
from retrieval import valkey
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.trending import keys
from retrieval.trending.scripts import ADD_EVENTS
from retrieval.types import Ids

_ITEMS_PER_SCRIPT = 500  # a script holds up every other client while it runs
_POSTGRES_PATIENCE_MS = 500


def add_events(results: Sequence[EventResult], *, now: datetime) -> None:
    """Moves the items of accepted events that say liking, in one round trip to Valkey.

    Events after `now` wait for the rebuild that finds their time come. Raises CacheUnavailable, and
    SourceTimeout or StoreUnavailable where the items' categories can't be read: the next rebuild catches up.
    """
    moving = [
        (result.event_id, result.item_id, result.weight, result.occurred_at)
        for result in results
        if result.weight > 0
        and result.status == "accepted"
        and result.occurred_at
        and result.occurred_at <= now
    ]
    if not moving:
        return
    moves = _Moves.of(*zip(*moving, strict=True))
    pipeline = valkey.client().pipeline(transaction=False)
    script_keys = [keys.state_key(), keys.all_key(), keys.categories_key(), keys.journal_key()]
    # An item's events all in one script: each item moves once, however often it was seen.
    for some in moves.parts(_ITEMS_PER_SCRIPT):
        pipeline.eval(ADD_EVENTS, len(script_keys), *script_keys, *_script_arguments(some))
    pipeline.execute()


@dataclass(frozen=True, slots=True)
class _Moves:
    """Events by item, and items by category. items, counts: int64 [m], how many events each has; categories: [m]; of
    each event, those of one item together: its id, the Unix time in s, the weight, both float64 [n]."""

    items: Ids
    categories: list[str]
    counts: NDArray[np.int64]
    event_ids: list[str]
    at_s: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        event_ids: Sequence[str],
        item_ids: Sequence[int],
        weights: Sequence[float],
        times: Sequence[datetime],
    ) -> Self:
        """Asks Postgres for the categories."""
        ids, row_of = np.unique(np.array(item_ids, np.int64), return_inverse=True)
        category_of = _categories_of(ids)
        named = [category_of.get(item_id, "") for item_id in ids.tolist()]
        by_category = np.array(sorted(range(len(ids)), key=named.__getitem__), np.int64)
        place_of = np.empty_like(by_category)
        place_of[by_category] = np.arange(len(ids))
        places = place_of[row_of]
        order = np.argsort(places, kind="stable")
        return cls(
            ids[by_category],
            [named[row] for row in by_category.tolist()],
            np.bincount(places, minlength=len(ids)),
            [event_ids[place] for place in order.tolist()],
            np.array([time.timestamp() for time in times])[order],
            np.array(weights)[order],
        )

    def parts(self, items: int) -> Iterator[Self]:
        """Of at most so many items each."""
        ends = np.cumsum(self.counts)
        began = 0
        for start in range(0, len(self.items), items):
            some = slice(start, start + items)
            last = int(ends[some][-1])
            events = slice(began, last)
            yield type(self)(
                self.items[some],
                self.categories[some],
                self.counts[some],
                self.event_ids[events],
                self.at_s[events],
                self.weights[events],
            )
            began = last


def _script_arguments(moves: _Moves) -> list[Any]:
    """As ADD_EVENTS takes them. Of each item its amount, decayed to the newest event of these."""
    time_constant_s = config().trending_time_constant_s
    newest = float(moves.at_s.max())
    starts = np.cumsum(moves.counts) - moves.counts
    decayed = moves.weights * np.exp((moves.at_s - newest) / time_constant_s)
    moving = {
        "item": moves.items,
        "category": moves.categories,
        "amount": np.add.reduceat(decayed, starts),
    }
    events = {"count": moves.counts, "id": moves.event_ids, "t": moves.at_s, "weight": moves.weights}
    return [time_constant_s, repr(newest), keys.category_prefix(), _as_json(moving), _as_json(events)]


def _as_json(columns: dict[str, Any]) -> bytes:
    return orjson.dumps(columns, option=orjson.OPT_SERIALIZE_NUMPY)


def _categories_of(item_ids: Ids) -> dict[int, str]:
    query = "SELECT id, category FROM catalog_item WHERE id = ANY(%s)"
    with hot_connection(Deadline.after_ms(_POSTGRES_PATIENCE_MS)) as connection:
        return dict(connection.execute(query, [item_ids]).fetchall())

"""What is hot, as its page shows it: a row per item with what its score is made of."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from retrieval import trending
from retrieval.deadline import Deadline
from retrieval.facts import load_facts
from retrieval.trending.dissecting import Hottest, Part
from retrieval.trending.rising import deviations
from retrieval.trending.standing import Standing
from retrieval.types import Found

ROWS = 30
_LIVE_PLACES = 2000
_LOOKUP_MS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """preview: by another time constant than the live one."""

    category: str
    tag: str
    time_constant_s: float
    preview: bool


@dataclass(frozen=True, slots=True)
class Row:
    """worth: weights of events, each faded by its age; usual: of the item, in one live time constant, None where it is
    not known; above: how many deviations more happens than that; live_place: in the list of all, 0 below the first
    2,000."""

    place: int
    item_id: int
    external_id: str
    title: str
    tags: tuple[str, ...]
    category: str
    worth: float
    percent: float  # of the hottest
    parts: tuple[Part, ...]
    newest_at: datetime | None
    usual: float | None
    above: float | None
    live_place: int

    @property
    def older_unread(self) -> bool:
        """Whether its parts are of its newest events only."""
        return sum(part.events for part in self.parts) >= trending.EVENTS_READ_PER_ITEM


@dataclass(frozen=True, slots=True)
class Report:
    """counted: read from events just now; None where the rows are of the live lists. unread_percent: what the first
    event that was not read is still worth of a new one."""

    rows: tuple[Row, ...]
    counted: Hottest | None
    unread_percent: float
    looked_at: int = trending.LOOKED_AT_OF_SOME


def report(asked: Asked, standing: Standing, now: datetime) -> Report:
    """Of the live lists where they have what is asked for, else counted. Raises CacheUnavailable."""
    counted = None
    live = trending.top(_LIVE_PLACES)
    if asked.preview or asked.tag:
        counted = trending.hottest(
            ROWS, now, time_constant_s=asked.time_constant_s, category=asked.category, tag=asked.tag
        )
        found, worth = counted.found, counted.found.scores.astype(np.float64)
    else:
        found = trending.top_of_categories([asked.category], ROWS)[0] if asked.category else live.head(ROWS)
        worth = standing.worth(found.scores, now)
    unread = counted.left_unread(now, asked.time_constant_s) if counted else 0.0
    return Report(_rows(found, worth.tolist(), live, asked, now), counted, 100 * unread)


def _rows(found: Found, worth: list[float], live: Found, asked: Asked, now: datetime) -> tuple[Row, ...]:
    facts = load_facts(found.item_ids, Deadline.after_ms(_LOOKUP_MS))
    parts = trending.parts_of(found.item_ids, now, time_constant_s=asked.time_constant_s)
    usual = trending.usual_of(found.item_ids)
    # What is usual is told by the live time constant: beside another one it would say nothing.
    known = usual is not None and not asked.preview
    above = deviations(np.array(worth), usual).tolist() if known and usual is not None else []
    places = {item_id: place for place, item_id in enumerate(live.item_ids.tolist(), 1)}
    most = max(worth, default=0.0) or 1.0
    rows: list[Row] = []
    for at, (item_id, row) in enumerate(
        zip(found.item_ids.tolist(), facts.rows_of(found.item_ids).tolist(), strict=True)
    ):
        if row < 0 or not facts.active[row]:
            continue  # gone since the last rebuild: no request gets it either
        of_item = tuple(parts.get(item_id, ()))
        rows.append(
            Row(
                place=len(rows) + 1,
                item_id=item_id,
                external_id=facts.external_ids[row],
                title=facts.titles[row],
                tags=tuple(facts.tags[row][:4]),
                category=facts.category[row],
                worth=worth[at],
                percent=round(100 * worth[at] / most, 1),
                parts=of_item,
                newest_at=max((part.newest_at for part in of_item), default=None),
                usual=float(usual[at]) if known and usual is not None else None,
                above=above[at] if known else None,
                live_place=places.get(item_id, 0),
            )
        )
    return tuple(rows)

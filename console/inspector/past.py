"""A user's history as the page shows it: what happened lately, and the tags it points to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.utils.timesince import timesince

from catalog.history import History, unpack_history
from catalog.models import EventType, User, UserHistory
from console.inspector.tiles import Tag, Tile, hue_of, tile
from retrieval.deadline import Deadline
from retrieval.facts import ItemFacts, load_facts

SHOWN = 30
TASTES = 8
_LOOKUP_MS = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One event; `tile` is None where the item is gone."""

    tile: Tile | None
    type: str
    weight: float  # below 0: dislikes
    value: float | None
    occurred_at: datetime
    ago: str


@dataclass(frozen=True, slots=True)
class Taste:
    """A tag's share of the weight of everything liked, 0 to 1."""

    tag: Tag
    share: float


@dataclass(frozen=True, slots=True)
class Past:
    event_count: int
    version: int
    last_event_at: datetime | None
    lines: tuple[Line, ...]  # newest first
    tastes: tuple[Taste, ...]  # strongest first


def past_of(user: User, now: datetime) -> Past:
    row = UserHistory.objects.filter(user=user).first()
    if row is None:
        return Past(0, 0, None, (), ())
    history = unpack_history(row.events)
    facts = load_facts(np.unique(history["item_id"]), Deadline.after_ms(_LOOKUP_MS))
    types = {event_type.id: event_type for event_type in EventType.objects.all()}
    lines = tuple(_line(event, types, facts, now) for event in history[::-1][:SHOWN])
    return Past(row.event_count, row.version, row.last_event_at, lines, _tastes(history, types, facts))


def _line(event: np.void, types: dict[int, EventType], facts: ItemFacts, now: datetime) -> Line:
    known = types.get(int(event["type_id"]))
    row = int(facts.rows_of(np.array([event["item_id"]], np.int64))[0])
    value = float(event["value"])
    occurred_at = datetime.fromtimestamp(int(event["occurred_at_s"]), UTC)
    return Line(
        tile=tile(facts, row) if row >= 0 else None,
        type=known.name if known else f"type {event['type_id']}",
        weight=known.weight if known else 0.0,
        value=None if np.isnan(value) else value,
        occurred_at=occurred_at,
        ago=timesince(occurred_at, now, depth=1),
    )


def _tastes(history: History, types: dict[int, EventType], facts: ItemFacts) -> tuple[Taste, ...]:
    liked: defaultdict[str, float] = defaultdict(float)
    rows = facts.rows_of(history["item_id"].astype(np.int64))
    for row, type_id in zip(rows.tolist(), history["type_id"].tolist(), strict=True):
        weight = types[type_id].weight if type_id in types else 0.0
        if row >= 0 and weight > 0:
            for tag in facts.tags[row]:
                liked[tag] += weight
    total = sum(liked.values())
    strongest = sorted(liked.items(), key=lambda pair: -pair[1])[:TASTES]
    return tuple(Taste(Tag(name, hue_of(name)), weight / total) for name, weight in strongest)

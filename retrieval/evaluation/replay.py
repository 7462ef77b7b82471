"""All events in order of time through the product's own ingest and request path, on a clock that is passed in.

Before each counted event the user's candidates are asked for as of that moment, knowing only what came before: it
is a hit where the event's item is among them. No static split can measure freshness like this.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catalog.events import Event
from retrieval.answer import Answer
from retrieval.ingest import ingest
from retrieval.service import retrieve
from retrieval.types import Request, RetrievalError

_EVENTS_AT_ONCE = 1_000


class ReplayBroken(RetrievalError):
    """An event was refused, or comes before its predecessor: what follows would measure something else."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event with its time; `counted`: its item is asked for just before."""

    event: Event
    at: dt.datetime
    counted: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """rank: of the item among the candidates, from 1; 0 where it was not there. sources: who proposed it."""

    at: dt.datetime
    rank: int
    sources: tuple[str, ...]
    degraded: bool


@dataclass(slots=True)
class Chore:
    """Scheduled work on the replay's own clock. `for_new_items`: it has nothing to do until an item is new."""

    run: Callable[[dt.datetime], object]
    every: dt.timedelta
    for_new_items: bool = False
    due: dt.datetime | None = None
    _newest_item: int = -1

    def tick(self, now: dt.datetime, *, newest_item: int) -> bool:
        """Runs where it is due and there is something to do, and says whether it did; the first tick only sets the
        time.

        newest_item: the highest item id so far, 0 where none is known.
        """
        if self.due is None:
            self.due = now + self.every
        if now < self.due:
            return False
        self.due = now + self.every
        if self.for_new_items and newest_item <= self._newest_item:
            return False
        self.run(now)
        self._newest_item = newest_item
        return True


def replay(
    moments: Iterable[Moment], requests: Sequence[Request], *, chores: Sequence[Chore] = ()
) -> Iterator[tuple[Reply, ...]]:
    """The replies to all `requests` for each counted moment, in order. They say what is asked; user and time are
    replaced.

    Raises ReplayBroken.
    """
    waiting: list[Moment] = []
    newest_item = 0
    last = dt.datetime.min.replace(tzinfo=dt.UTC)
    for moment in moments:
        if moment.at < last:
            raise ReplayBroken(f"{moment.event.event_id} at {moment.at} comes after an event at {last}.")
        last = moment.at
        if moment.counted:
            newest_item = max(newest_item, _happen(waiting, now=moment.at))
            for chore in chores:
                chore.tick(moment.at, newest_item=newest_item)
            yield tuple(_ask(moment, request) for request in requests)
        waiting.append(moment)
        if len(waiting) >= _EVENTS_AT_ONCE:
            newest_item = max(newest_item, _happen(waiting, now=moment.at))
    _happen(waiting, now=last)


def _happen(waiting: list[Moment], *, now: dt.datetime) -> int:
    """The events are ingested, and no longer wait. The highest id among their items: ids ascend, so that a higher
    one than ever before is a new item's."""
    results = ingest([moment.event for moment in waiting], now=now, create_missing=True) if waiting else []
    for result in results:
        if result.status == "rejected":
            raise ReplayBroken(f"Event {result.event_id} was refused: {result.field}: {result.reason}")
    waiting.clear()
    return max((result.item_id for result in results), default=0)


def _ask(moment: Moment, request: Request) -> Reply:
    answer = retrieve(replace(request, user=moment.event.user, now=moment.at))
    place = _place(moment.event.item, answer)
    if place < 0:
        return Reply(moment.at, 0, (), bool(answer.degraded))
    sources = _proposers(answer.pool.ranks[place].tolist(), answer.pool.sources)
    return Reply(moment.at, place + 1, sources, bool(answer.degraded))


def _place(item: str, answer: Answer) -> int:
    """Where among the candidates the item with this external id is, from 0; -1 where it is not."""
    if item not in answer.facts.external_ids:
        return -1
    item_id = answer.facts.item_ids[answer.facts.external_ids.index(item)]
    places = np.flatnonzero(answer.pool.item_ids == item_id)
    return int(places[0]) if len(places) else -1


def _proposers(ranks: list[int], sources: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name, rank in zip(sources, ranks, strict=True) if rank)

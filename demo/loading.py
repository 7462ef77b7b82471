"""MovieLens into the catalog, by the catalog's own writers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from catalog.events.recording import write_events
from catalog.models import Interaction
from catalog.partitions import ensure_partitions, ensure_partitions_for
from catalog.writing import FollowFields, put_follows, put_items, put_users
from coldstart.impressions.partitions import IMPRESSIONS
from demo.friends import invent_friendships
from demo.movielens import MovieLens
from demo.shaping import SURFACE, events, item_fields, user_fields

_SEED = 100
_EVENTS_AT_ONCE = 10_000


class _Result(Protocol):
    @property
    def status(self) -> str: ...


class LoadFailed(Exception):
    """The catalog refused a row; nothing of the events was kept."""


def newest_event_at() -> datetime | None:
    """When the newest of the demo's own events occurred; None where they are not loaded."""
    newest = Interaction.objects.filter(surface=SURFACE).order_by("-occurred_at").first()
    return newest.occurred_at if newest else None


def load(data: MovieLens, *, now: datetime, say: Callable[[str], None]) -> None:
    """All of it, the newest event at `now`. An interrupted load may be begun again. Raises LoadFailed."""
    ensure_partitions(now)
    ensure_partitions(now, of=IMPRESSIONS)
    _accept(put_items([item_fields(film) for film in data.films], now))
    say(f"{len(data.films):,} films with their genres and years")
    _accept(put_users([user_fields(person) for person in data.people], now))
    say(f"{len(data.people):,} people with age, gender, occupation and region")
    friends = invent_friendships(data, seed=_SEED)
    _accept(put_follows([FollowFields(a, b) for pair in friends for a, b in (pair, pair[::-1])], now))
    say(f"{len(friends):,} friendships, invented")
    _load_events(data, now)
    say(f"{len(data.ratings):,} ratings as events, the newest of them now")


def _load_events(data: MovieLens, now: datetime) -> None:
    shifted = sorted(events(data, newest_at=now), key=lambda event: event.user)
    ensure_partitions_for(event.occurred_at for event in shifted if event.occurred_at)
    # All or none: begun again, they would be shifted to other moments, and be other events.
    with transaction.atomic():
        for first in range(0, len(shifted), _EVENTS_AT_ONCE):
            _accept(write_events(shifted[first : first + _EVENTS_AT_ONCE], now=now))


def _accept(results: Sequence[_Result]) -> None:
    refused = [result for result in results if result.status == "rejected"]
    if refused:
        raise LoadFailed(f"{len(refused)} rows were refused, the first as {refused[0]}.")

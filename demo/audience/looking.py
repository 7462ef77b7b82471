"""One look at one answer: asked for, shown from the first place on, and what the person did with it."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from demo.audience.api import Api
from demo.audience.clicks import Reaction, liking, react
from demo.audience.town import MARK, Person, Town

# Where the audience's events come from, as each of them says.
SURFACE = "simulated-audience"
PLACES = 20
_ASKED = 100


@dataclass(frozen=True, slots=True)
class Look:
    """Rows for the API."""

    impressions: list[dict[str, Any]]
    events: list[dict[str, Any]]


def look(api: Api, person: Person, town: Town, rng: random.Random, *, at: datetime | None = None) -> Look:
    """What a person was shown and did, not sent yet. at: when it is said to have been; None: now, by the
    server's clock. Raises as `Api`."""
    request_id = f"{MARK}{uuid.uuid4().hex}"
    answer = api.get(f"users/{person.external_id}/candidates", k=_ASKED, request_id=request_id)
    shown = answer["candidates"][:PLACES]
    likings = [liking(person.tastes, town.film(one["item_id"])) for one in shown]
    reactions = react(likings, rng)
    return Look(
        [_impression(request_id, person, place, one, at) for place, one in enumerate(shown, 1)],
        [_event(request_id, person, shown, one, at) for one in reactions],
    )


def send(api: Api, looks: Sequence[Look]) -> int:
    """How many events were sent; what was shown goes first, so that an event finds its impression. Raises as `Api`."""
    impressions = [row for one in looks for row in one.impressions]
    events = [row for one in looks for row in one.events]
    if impressions:
        api.post("impressions", {"impressions": impressions})
    if events:
        api.post("events", {"events": events})
    return len(events)


def _impression(
    request_id: str, person: Person, position: int, shown: dict[str, Any], at: datetime | None
) -> dict[str, Any]:
    row = {
        "request_id": request_id,
        "user_id": person.external_id,
        "item_id": shown["item_id"],
        "position": position,
        "source": shown["reason"]["source"],
    }
    if "propensity" in shown:
        row["propensity"] = shown["propensity"]
    return row if at is None else {**row, "shown_at": at.isoformat()}


def _event(
    request_id: str, person: Person, shown: list[dict[str, Any]], reaction: Reaction, at: datetime | None
) -> dict[str, Any]:
    row = {
        # Sent twice, it is one event all the same.
        "event_id": f"{request_id}:{reaction.position}:{reaction.type}",
        "user_id": person.external_id,
        "item_id": shown[reaction.position - 1]["item_id"],
        "type": reaction.type,
        "surface": SURFACE,
        "request_id": request_id,
    }
    if reaction.dwell_s is not None:
        row["dwell_s"] = reaction.dwell_s
    # Of now the server's clock tells: a minute that has not passed yet would be a lie.
    return (
        row if at is None else {**row, "occurred_at": (at + timedelta(seconds=reaction.after_s)).isoformat()}
    )

"""Small worlds that a reader can solve in the head.

`movie_world`: seven films that can be recommended and one that can't, four people.

    film        category  tags            creator   published
    alien       space     scary, ship     scott     1979
    runner      space     robots          scott     1982
    fargo       crime     snow, funny     coen      1996
    lebowski    comedy    funny, bowling  coen      1998
    heat        crime     heist           mann      1995
    amelie      romance   funny, paris    -         2001
    notebook    romance   letters         -         2004
    lost        crime     snow            coen      1990   inactive

    ann   likes fargo 1 h ago, clicks heat 2 h ago; friends with ben, follows cat
    ben   shares amelie 3 h ago, views alien 1 h ago; friends with ann
    cat   views alien 2 h ago, likes lebowski 30 h ago
    dan   has done nothing and knows nobody
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from catalog.event_types import event_weights
from catalog.events import Event, EventResult, record_events
from catalog.history import empty_history, unpack_history
from catalog.models import Creator, CreatorFollow, Follow, Item, User, UserHistory
from coldstart.models import Explored, Trial
from retrieval.deadline import Deadline
from retrieval.mixes import DEFAULT_BODY, create_revision, publish
from retrieval.types import Context

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

FILMS = {
    "alien": ("space", ["scary", "ship"], "scott", 1979),
    "runner": ("space", ["robots"], "scott", 1982),
    "fargo": ("crime", ["snow", "funny"], "coen", 1996),
    "lebowski": ("comedy", ["funny", "bowling"], "coen", 1998),
    "heat": ("crime", ["heist"], "mann", 1995),
    "amelie": ("romance", ["funny", "paris"], "", 2001),
    "notebook": ("romance", ["letters"], "", 2004),
    "lost": ("crime", ["snow"], "coen", 1990),
}
EVENTS = [
    ("ann", "like", "fargo", 1),
    ("ann", "click", "heat", 2),
    ("ben", "share", "amelie", 3),
    ("ben", "view", "alien", 1),
    ("cat", "view", "alien", 2),
    ("cat", "like", "lebowski", 30),
]


@dataclass(frozen=True, slots=True)
class World:
    """External id → internal id."""

    items: dict[str, int]
    users: dict[str, int]
    creators: dict[str, int]

    def names(self, item_ids: Any) -> list[str]:
        """The films' names, in the order of the ids."""
        name_of = {item_id: name for name, item_id in self.items.items()}
        return [name_of[int(item_id)] for item_id in item_ids]

    def context(self, user: str, **changes: Any) -> Context:
        """What a request for the user knows at NOW; nobody in particular where the world has no such user."""
        return replace(_context(user, self.users.get(user, 0)), **changes)


def movie_world() -> World:
    """Writes the world to the database."""
    creators = {name: Creator.objects.create(external_id=name).pk for name in ("scott", "coen", "mann")}
    for name, (category, tags, creator, year) in FILMS.items():
        Item.objects.create(
            external_id=name,
            title=name.title(),
            category=category,
            tags=tags,
            language="en",
            creator_id=creators.get(creator),
            published_at=datetime(year, 1, 1, tzinfo=UTC),
            active=name != "lost",
            created_at=NOW - timedelta(days=100),
            updated_at=NOW - timedelta(days=100),
        )
    for name in ("ann", "ben", "cat", "dan"):
        User.objects.create(external_id=name, created_at=NOW - timedelta(days=100))
    users = dict(User.objects.values_list("external_id", "id"))
    for follower, followee in (("ann", "ben"), ("ben", "ann"), ("ann", "cat")):
        Follow.objects.create(follower_id=users[follower], followee_id=users[followee], created_at=NOW)
    for user, kind, film, hours in EVENTS:
        did(user, kind, film, hours_ago=hours)
    return World(dict(Item.objects.values_list("external_id", "id")), users, creators)


def add_news(world: World) -> World:
    """As well: "premiere" by mann, an hour old, whom ann follows; it is tried on everybody and an arm of the bandit."""
    item = Item.objects.create(
        external_id="premiere",
        title="Premiere",
        tags=["heist"],
        creator_id=world.creators["mann"],
        published_at=NOW - timedelta(hours=1),
        created_at=NOW - timedelta(hours=1),
        updated_at=NOW - timedelta(hours=1),
    )
    CreatorFollow.objects.create(
        user_id=world.users["ann"], creator_id=world.creators["mann"], created_at=NOW
    )
    try_item(item.pk, share=1.0, periods=1)
    return replace(world, items={**world.items, "premiere": item.pk})


def try_item(
    item_id: int, *, share: float, periods: int = 0, at: datetime = NOW - timedelta(hours=1)
) -> None:
    """The item is on trial since then."""
    Trial.objects.create(
        item_id=item_id,
        state=Trial.State.EXPLORING,
        share=share,
        periods=periods,
        entered_at=at,
        began_at=at,
        period_began_at=at,
        changed_at=at,
        alpha=0.75,
        beta=49.25,
    )


def did(user: str, kind: str, film: str, *, hours_ago: float) -> EventResult:
    """Records one event; negative hours lie in the future."""
    event = Event(
        event_id=f"{user}-{kind}-{film}-{hours_ago}",
        user=user,
        item=film,
        type=kind,
        value=None,
        dwell_s=None,
        occurred_at=NOW - timedelta(hours=hours_ago),
    )
    (result,) = record_events([event], now=NOW)
    return result


def publish_patient_mix() -> int:
    """The revision of the default mix, published with time enough for a busy machine; with what trends beside, as a
    world of a few people has no cells of people alike."""
    slots = [*DEFAULT_BODY["sources"], {"name": "trending", "quota": 200, "weight": 0.1}]
    sources = [{**slot, "limit_ms": 10_000} for slot in slots]
    revision = create_revision({**DEFAULT_BODY, "sources": sources}, note="The default mix, without haste.")
    publish(revision.number)
    return revision.number


def _context(user: str, user_id: int) -> Context:
    row = UserHistory.objects.filter(user_id=user_id).first()
    friends = Follow.objects.filter(follower_id=user_id).values_list("followee_id", flat=True)
    return Context(
        user_id=user_id,
        external_id=user,
        now=NOW,
        surface="default",
        history=unpack_history(row.events) if row else empty_history(),
        history_version=row.version if row else 0,
        event_count=row.event_count if row else 0,
        event_weights=event_weights(),
        friends=np.array(sorted(friends), np.int64),
        blocked_items=np.empty(0, np.int64),
        blocked_creators=np.empty(0, np.int64),
        blocked_tags=frozenset(),
        age_group="",
        location="",
        language="",
        attributes={},
        arms={},
        seed=7,
        model=None,
        deadline=Deadline.after_ms(10_000),
        options={},
        explored=_ids(Explored.objects.filter(user_id=user_id).values_list("item_id", flat=True)),
        followed_creators=_ids(
            CreatorFollow.objects.filter(user_id=user_id).values_list("creator_id", flat=True)
        ),
    )


def _ids(ids: Any) -> Any:
    return np.array(list(ids), np.int64)

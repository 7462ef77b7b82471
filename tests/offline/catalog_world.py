"""A catalogue of a few rows, written straight into the tables: what the offline path reads."""

import datetime as dt

from catalog.models import Creator, EventType, Interaction, Item, User

NOON = dt.datetime(2026, 1, 10, 12, tzinfo=dt.UTC)


def user(external_id: str, **fields: str) -> User:
    return User.objects.create(external_id=external_id, created_at=NOON, **fields)


def item(external_id: str, *, updated_at: dt.datetime = NOON, creator: str = "", **fields: object) -> Item:
    made_by = Creator.objects.get_or_create(external_id=creator)[0] if creator else None
    return Item.objects.create(
        external_id=external_id, created_at=NOON, updated_at=updated_at, creator=made_by, **fields
    )


def event(user: User, item: Item, kind: str = "like", *, at: dt.datetime = NOON) -> Interaction:
    return Interaction.objects.create(
        event_id=f"{user.external_id}-{item.external_id}-{kind}-{at.isoformat()}",
        user=user,
        item=item,
        type=EventType.objects.get(name=kind),
        occurred_at=at,
        received_at=at,
    )

"""Two islands of taste in the catalogue: even users like even items, odd users odd ones."""

import datetime as dt

import numpy as np

from catalog.models import EventType, Interaction, Item, User
from tests.offline.catalog_world import NOON

N_USERS, N_ITEMS, EACH = 60, 40, 12
# Enough for two islands in a second.
CONFIG = {"epochs": 8, "patience": 8, "batch_users": 20, "learning_rate": 1e-2}
DIM = 16


def two_islands(*, n_users: int = N_USERS, newest: dt.datetime = NOON) -> tuple[list[User], list[Item]]:
    """Users and items in order; each user likes 12 of her island's 20 items, one a minute, until `newest`."""
    users = User.objects.bulk_create(User(external_id=f"u{i}", created_at=NOON) for i in range(n_users))
    items = Item.objects.bulk_create(
        Item(external_id=f"i{i}", tags=["even" if i % 2 == 0 else "odd"], created_at=NOON, updated_at=NOON)
        for i in range(N_ITEMS)
    )
    like = EventType.objects.get(name="like")
    rng = np.random.default_rng(3)
    liked = [rng.permutation(np.arange(i % 2, N_ITEMS, 2))[:EACH] for i in range(n_users)]
    Interaction.objects.bulk_create(
        Interaction(
            event_id=f"{row}-{place}",
            user=users[row],
            item=items[item],
            type=like,
            occurred_at=newest - dt.timedelta(minutes=EACH - place),
            received_at=newest,
        )
        for row, chosen in enumerate(liked)
        for place, item in enumerate(chosen.tolist())
    )
    return users, items

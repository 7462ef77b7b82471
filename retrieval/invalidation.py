"""Makes what is kept anew, on purpose: for what nobody has told the catalogue of.

Nothing is deleted and no key is looked for. A user's kept values go by her history's version, which moves; a list goes
by the log of changes, which says from now on that lists with these items are not to be trusted. Both stand in
Postgres, so this holds in every process from its next request on, and survives whatever Valkey loses.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from catalog.changes import MOST_CHANGES, distrust_lists
from catalog.events.histories import move_versions
from catalog.models import Item, User
from catalog.sql import cursor


@dataclass(frozen=True, slots=True)
class Invalidated:
    """users: whose values are made anew; items: whose lists are; all_lists: so many items that every list is."""

    users: int
    items: int
    all_lists: bool


def invalidate(
    *,
    users: Collection[str] = (),
    items: Collection[str] = (),
    creators: Collection[str] = (),
    tags: Collection[str] = (),
) -> Invalidated:
    """What was done, committed. All are external ids, tags texts; what is unknown concerns nobody."""
    with transaction.atomic(), cursor() as raw:
        user_ids = list(User.objects.filter(external_id__in=users).values_list("id", flat=True))
        move_versions(raw, user_ids)
        item_ids = _items(items, creators, tags)
        all_lists = len(item_ids) > MOST_CHANGES
        if item_ids:
            distrust_lists(raw, None if all_lists else item_ids)
    return Invalidated(len(user_ids), len(item_ids), all_lists)


def _items(items: Collection[str], creators: Collection[str], tags: Collection[str]) -> list[int]:
    """At most one more than can be named."""
    found: set[int] = set()
    for wanted in (
        Item.objects.filter(external_id__in=items),
        Item.objects.filter(creator__external_id__in=creators),
        Item.objects.filter(tags__overlap=list(tags)),
    ):
        found.update(wanted.values_list("id", flat=True)[: MOST_CHANGES + 1])
    return sorted(found)

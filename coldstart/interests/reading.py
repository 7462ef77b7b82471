"""All interests, kept in the process for a few seconds: they are few, and every new person's request needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cachetools.func import ttl_cache

from catalog.models import Item
from coldstart.models import Interest

_MAX_AGE_S = 2.0


@dataclass(frozen=True, slots=True)
class KnownInterest:
    """representatives: internal ids of the items that stand for it, the best first."""

    id: int
    slug: str
    name: str
    tags: tuple[str, ...]
    categories: tuple[str, ...]
    color: str
    picture_url: str
    active: bool
    representatives: tuple[int, ...]


@ttl_cache(maxsize=1, ttl=_MAX_AGE_S)
def all_interests() -> Mapping[int, KnownInterest]:
    """By id, in the order in which they are offered; the retired ones too, as people chose them when they were not."""
    return {
        row.id: KnownInterest(
            id=row.id,
            slug=row.slug,
            name=row.name,
            tags=tuple(row.tags),
            categories=tuple(row.categories),
            color=row.color,
            picture_url=row.picture_url,
            active=row.active,
            representatives=tuple(row.representatives),
        )
        for row in Interest.objects.all()
    }


def offered_interests() -> list[KnownInterest]:
    """Those of the survey, in order."""
    return [interest for interest in all_interests().values() if interest.active]


def example_titles(interests: Sequence[KnownInterest]) -> dict[int, list[str]]:
    """Titles of active items by the interest's id, the best first."""
    ids = {item_id for one in interests for item_id in one.representatives}
    titles = dict(Item.objects.filter(id__in=ids, active=True).values_list("id", "title"))
    return {
        one.id: [titles[item_id] for item_id in one.representatives if titles.get(item_id)]
        for one in interests
    }


def forget_interests() -> None:
    """The next reader asks the database."""
    all_interests.cache_clear()

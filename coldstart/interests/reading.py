"""All interests, kept in the process for a few seconds: they are few, and every new person's request needs them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from cachetools.func import ttl_cache

from catalog.models import Item
from coldstart.config import newcomers
from coldstart.interests.adaptive import Segments
from coldstart.models import Interest, SurveySegment

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


@ttl_cache(maxsize=1, ttl=_MAX_AGE_S)
def _segments() -> Segments | None:
    rows = list(SurveySegment.objects.order_by("id"))
    if not rows:
        return None
    return Segments(
        weights=np.array([row.weight for row in rows]),
        interest_ids=np.array(rows[0].interest_ids, np.int64),
        chances=np.array([row.chances for row in rows]),
    )


def offered_interests(chosen: Collection[str] = (), *, adaptive: bool | None = None) -> list[KnownInterest]:
    """Those of the survey, in order. Where the survey is adaptive: what was `chosen`, by slug, then what tells most
    about who chose it. adaptive: None as the settings say."""
    offered = [interest for interest in all_interests().values() if interest.active]
    segments = _segments() if (newcomers().adaptive_survey if adaptive is None else adaptive) else None
    if segments is None:
        return offered
    picked = np.array([one.id for one in offered if one.slug in chosen], np.int64)
    gains = dict(zip(segments.interest_ids.tolist(), segments.gains(picked).tolist(), strict=True))
    return sorted(offered, key=lambda one: (one.slug not in chosen, -gains.get(one.id, 0.0)))


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
    _segments.cache_clear()

"""Which items stand for each interest: those named by hand, then the most liked of its tags and categories."""

from datetime import datetime

from django.db import transaction

from catalog.models import Item
from catalog.sql import Cursor, cursor
from coldstart.config import newcomers
from coldstart.interests.reading import forget_interests
from coldstart.interests.segmenting import learn_segments
from coldstart.likes import fill_recent_likes
from coldstart.models import Interest

# An item that has all of the tags and categories says more than one with some of them.
_MOST_LIKED = """
SELECT item.id FROM liked_item JOIN catalog_item item ON item.id = liked_item.item_id AND item.active
WHERE item.tags && %(tags)s::varchar[] OR item.category = ANY(%(categories)s::varchar[])
ORDER BY (
    SELECT count(DISTINCT tag) FROM unnest(item.tags) AS tag WHERE tag = ANY(%(tags)s::varchar[])
) + (item.category = ANY(%(categories)s::varchar[]))::int DESC, liked_item.users DESC, item.id
LIMIT %(limit)s
"""


def learn_representatives(now: datetime) -> int:
    """How many interests have items that stand for them, of what people liked up to `now`."""
    with transaction.atomic(), cursor() as raw:
        fill_recent_likes(raw, now=now, window_s=newcomers().demographic_window_s)
        interests = list(Interest.objects.select_for_update().order_by("id"))
        for interest in interests:
            interest.representatives = _representatives(raw, interest)
        Interest.objects.bulk_update(interests, ["representatives"])
        learn_segments(raw)
    forget_interests()
    return sum(bool(interest.representatives) for interest in interests)


def _representatives(raw: Cursor, interest: Interest) -> list[int]:
    ids = dict(
        Item.objects.filter(external_id__in=interest.items, active=True).values_list("external_id", "id")
    )
    by_hand = [ids[name] for name in dict.fromkeys(interest.items) if name in ids]
    limit = newcomers().representatives
    values = {"tags": interest.tags, "categories": interest.categories, "limit": limit}
    liked = [item_id for (item_id,) in raw.execute(_MOST_LIKED, values).fetchall()]
    return list(dict.fromkeys([*by_hand, *liked]))[:limit]

"""What the catalogue says of items, as the item tower reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection

from retrieval.encoder import ItemEncoder, ItemFeatures
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import ITEMS_QUERY
from retrieval.types import Ids


@dataclass(frozen=True, slots=True)
class CatalogItem:
    item_id: int
    active: bool
    features: ItemFeatures


def read_items(item_ids: Ids | Sequence[int]) -> list[CatalogItem]:
    """Those of the items that exist, by id, as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(ITEMS_QUERY + "WHERE i.id = ANY(%s) ORDER BY i.id", [[int(i) for i in item_ids]])
        return [
            CatalogItem(
                item_id,
                active,
                ItemFeatures(
                    title=title,
                    description=description,
                    category=category,
                    tags=tuple(tags),
                    creator=creator,
                    language=language,
                    published_at_s=published_at_s,
                ),
            )
            for item_id, active, title, description, category, tags, creator, language, published_at_s in cursor
        ]


def from_content(encoder: ItemEncoder, items: Sequence[CatalogItem]) -> ItemVectors:
    """Vectors from content alone, in the order of the items."""
    vectors, history = encoder.encode([item.features for item in items])
    return ItemVectors(np.array([item.item_id for item in items], np.int64), vectors, history)

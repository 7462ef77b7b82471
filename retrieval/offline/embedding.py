"""All items that can be recommended right now, placed by the version: the trained ones by what was learned of
them, those that came since the snapshot by their content."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db.models import Max

from catalog.models import Item
from retrieval import artifacts
from retrieval.encoder import ItemEncoder
from retrieval.models import remember
from retrieval.offline.content import from_content, read_items
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import TRAINED

EMBEDDED = "embedded.safetensors"
_ITEMS_PER_BATCH = 5_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def run(version_id: int) -> dict[str, Any]:
    """Writes the vectors of the active items beside the snapshot; how many came from where."""
    # Before the items are read: what changes meanwhile is embedded again at promotion.
    latest = Item.objects.aggregate(latest=Max("updated_at"))["latest"] or _EPOCH
    trained = ItemVectors.load(folder_of(version_id) / TRAINED)
    active = np.sort(np.fromiter(_active_ids(), np.int64))
    kept = trained.only(np.isin(trained.item_ids, active))
    new = np.setdiff1d(active, trained.item_ids)
    encoder = ItemEncoder.from_artifact(artifacts.load(version_id, artifacts.ITEM_ENCODER))
    starts = range(0, len(new), _ITEMS_PER_BATCH)
    placed = [from_content(encoder, read_items(new[start : start + _ITEMS_PER_BATCH])) for start in starts]
    embedded = ItemVectors.joined([kept, *placed])
    embedded.save(folder_of(version_id) / EMBEDDED)
    remember(version_id, "items_until", latest.isoformat())
    return {
        "trained": len(kept),
        "from_content": len(embedded) - len(kept),
        "inactive": len(trained) - len(kept),
    }


def _active_ids() -> Iterator[int]:
    return Item.objects.filter(active=True).values_list("id", flat=True).iterator(chunk_size=50_000)

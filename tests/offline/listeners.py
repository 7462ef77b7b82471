"""Whoever asks after the training, of whom it knew nothing."""

import datetime as dt

import numpy as np

from catalog.history import empty_history, extend_history
from catalog.models import EventType, Item
from retrieval import versions
from retrieval.types import Context
from tests.offline.catalog_world import NOON
from tests.retrieval.request.contexts import context as plain_context


def context(*events: Item | tuple[int, str], **changes: object) -> Context:
    """Under the live version, of somebody with these events, one a minute: an item that she liked, or (item id,
    type)."""
    types = {kind.name: kind for kind in EventType.objects.all()}
    start = int(NOON.timestamp())
    named = [(event.id, "like") if isinstance(event, Item) else event for event in events]
    rows = [
        (item_id, start + 60 * place, types[kind].id, np.nan, np.nan)
        for place, (item_id, kind) in enumerate(named)
    ]
    return plain_context(
        now=NOON + dt.timedelta(hours=1),
        history=extend_history(empty_history(), rows, limit=100),
        event_weights={kind.id: kind.weight for kind in types.values()},
        model=versions.live_model(),
        **changes,
    )

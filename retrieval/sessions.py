"""What somebody does right now, as events that the catalogue need not know of: the session that a request brings."""

from collections.abc import Sequence

import numpy as np

from catalog.event_types import type_ids
from catalog.history import HISTORY_DTYPE, History, merge_histories
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import InvalidRequest, SessionEvent

_ITEMS = """
SELECT coalesce(array_agg(asked.place), '{}'), coalesce(array_agg(item.id), '{}')
FROM unnest(%s::text[]) WITH ORDINALITY AS asked (external_id, place)
JOIN catalog_item item ON item.external_id = asked.external_id
"""


def with_session(history: History, session: Sequence[SessionEvent], deadline: Deadline) -> History:
    """HISTORY_DTYPE [n], oldest first: what is stored of the user, and the session's events on items that exist. One
    query, where there is a session. Raises InvalidRequest for an unknown type of event."""
    if not session:
        return history
    types = type_ids()
    for place, event in enumerate(session):
        if event.type not in types:
            raise InvalidRequest(
                f"events[{place}].type", f"{event.type!r} is unknown: use one of {', '.join(sorted(types))}."
            )
    with hot_connection(deadline) as connection:
        rows = connection.execute(_ITEMS, [[event.item for event in session]]).fetchall()
    [(places, item_ids)] = rows
    known = [session[place - 1] for place in places.tolist()]
    events = np.zeros(len(known), HISTORY_DTYPE)
    events["item_id"] = item_ids
    events["occurred_at_s"] = [int(event.occurred_at.timestamp()) for event in known]
    events["type_id"] = [types[event.type] for event in known]
    events["value"] = events["dwell_s"] = np.nan
    return merge_histories(
        history, events[np.argsort(places, kind="stable")], limit=len(history) + len(events)
    )

"""The catalogue as it is, but of each user without what she met last: for data whose times say nothing, and for
surfaces on which people stay so long that a moment would cut most of them off.

What others did later is known, so it says how well tastes are read, not how well the future is.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from django.db import transaction
from psycopg import sql

from catalog.history import History
from catalog.sql import cursor
from retrieval.evaluation.past import Past, current_schema, keep_histories_of, shadowed
from retrieval.evaluation.unseen import Unseen, unseen_of

# Events of one moment fall in an order of chance that is the same each time.
_WITHOUT = """
CREATE TEMP TABLE evaluation_held_out AS
SELECT user_id, item_id FROM (
    SELECT user_id, item_id, count(*) OVER (PARTITION BY user_id) AS items,
           row_number() OVER (PARTITION BY user_id ORDER BY min(occurred_at) DESC, hashint8(item_id)) AS place
    FROM {schema}.catalog_interaction GROUP BY user_id, item_id
) AS met
WHERE place <= floor(items * {share});
CREATE UNIQUE INDEX ON evaluation_held_out (user_id, item_id);
ANALYZE evaluation_held_out;
CREATE TEMP VIEW catalog_interaction AS SELECT * FROM {schema}.catalog_interaction event
WHERE NOT EXISTS (
    SELECT FROM evaluation_held_out held WHERE held.user_id = event.user_id AND held.item_id = event.item_id
)
"""
_ITEMS = "SELECT item_id FROM pg_temp.evaluation_held_out WHERE user_id = %s"
_LIKED = """
SELECT held.user_id, person.external_id, array_agg(DISTINCT held.item_id)
FROM evaluation_held_out held
JOIN {schema}.catalog_interaction event ON event.user_id = held.user_id AND event.item_id = held.item_id
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
JOIN catalog_user person ON person.id = held.user_id
WHERE %(types)s::text[] IS NULL OR type.name = ANY(%(types)s::text[])
GROUP BY held.user_id, person.external_id ORDER BY held.user_id
"""


@contextmanager
def without_newest(share: float, *, now: dt.datetime) -> Iterator[Past]:
    """Within the block this process finds the catalogue of `now`, but of each user without the newest `share` (0 to
    1) of the items that she met. Nobody has a history before it is kept, and no lists are made yet."""
    schema = current_schema()
    views = sql.SQL(_WITHOUT).format(schema=schema, share=sql.Literal(share))
    with shadowed(views, schema, now):
        yield Past(schema)


def held_out(past: Past, *, types: Sequence[str] | None = None) -> Unseen:
    """Within `without_newest`: of all users what was held out and liked. types: names of event types that count as
    liking; None: all with a positive weight."""
    with cursor() as raw:
        values = {"types": None if types is None else list(types)}
        return unseen_of(raw.execute(past.real(_LIKED), values).fetchall())


def keep_histories(past: Past, user_ids: Iterable[int]) -> None:
    """Within `without_newest`: these users have their histories, without what is held out."""
    with transaction.atomic(), cursor() as raw:

        def known(user_id: int, history: History) -> History:
            held = [item_id for (item_id,) in raw.execute(_ITEMS, [user_id])]
            return history[~np.isin(history["item_id"], held)]

        keep_histories_of(raw, past.schema, known, user_ids)

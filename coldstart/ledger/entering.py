"""New items come into the ledger, and begin to be shown as there is room."""

from datetime import datetime, timedelta
from typing import Any

from catalog.sql import Cursor
from coldstart.exploration.config import ExplorationConfig
from coldstart.exploration.deciding import percent

# What was loaded together with its past isn't new, however lately it was loaded. By `updated_at`, which has an index
# and is never before `created_at`.
_ENTER = """
INSERT INTO coldstart_trial
    (item_id, state, share, periods, entered_at, changed_at, exposures, engagements, alpha, beta)
SELECT item.id, 'new', 0, 0, %(now)s, %(now)s, 0, 0, %(alpha)s, %(beta)s
FROM catalog_item AS item
WHERE item.active AND item.updated_at > %(since)s AND item.created_at > %(since)s AND item.created_at <= %(now)s
    AND coalesce(item.published_at, item.created_at) BETWEEN %(since)s AND %(now)s
    AND NOT EXISTS (SELECT FROM coldstart_trial AS trial WHERE trial.item_id = item.id)
    AND NOT EXISTS (
        SELECT FROM catalog_interaction AS event
        WHERE event.item_id = item.id AND event.occurred_at < item.created_at - interval '1 minute'
    )
ORDER BY item.updated_at, item.id
LIMIT (SELECT greatest(0, %(items)s - count(*)) FROM coldstart_trial WHERE state = 'new')
ON CONFLICT DO NOTHING
"""
# In order of entering; a creator who brings many waits with the rest of them, and holds up nobody else.
_BEGIN = """
WITH waiting AS (
    SELECT trial.item_id, trial.entered_at, item.creator_id,
           row_number() OVER (PARTITION BY item.creator_id ORDER BY trial.entered_at, trial.item_id) AS place
    FROM coldstart_trial AS trial JOIN catalog_item AS item ON item.id = trial.item_id AND item.active
    WHERE trial.state = 'new'
), running AS (
    SELECT item.creator_id, count(*) AS items
    FROM coldstart_trial AS trial JOIN catalog_item AS item ON item.id = trial.item_id
    WHERE trial.state = 'exploring' GROUP BY item.creator_id
), chosen AS (
    SELECT waiting.item_id FROM waiting LEFT JOIN running ON running.creator_id = waiting.creator_id
    WHERE waiting.creator_id IS NULL OR waiting.place + coalesce(running.items, 0) <= %(per_creator)s
    ORDER BY waiting.entered_at, waiting.item_id
    LIMIT greatest(0, %(items)s - (SELECT coalesce(sum(items), 0) FROM running)::bigint)
), begun AS (
    UPDATE coldstart_trial AS trial
    SET state = 'exploring', share = %(share)s, began_at = %(now)s, period_began_at = %(now)s, changed_at = %(now)s
    FROM chosen WHERE trial.item_id = chosen.item_id
    RETURNING trial.item_id
)
INSERT INTO coldstart_trialchange (trial_id, at, state, share, exposures, engagements, why)
SELECT item_id, %(now)s, 'exploring', %(share)s, 0, 0, %(why)s FROM begun
"""
_EXPIRE = """
WITH expired AS (
    UPDATE coldstart_trial SET state = 'retired', changed_at = %(now)s
    WHERE state = 'new' AND entered_at <= %(since)s RETURNING item_id
)
INSERT INTO coldstart_trialchange (trial_id, at, state, share, exposures, engagements, why)
SELECT item_id, %(now)s, 'retired', 0, 0, 0, 'It waited for its turn until it was no longer new.' FROM expired
"""


def enter_and_begin(raw: Cursor, now: datetime, rules: ExplorationConfig) -> tuple[int, int]:
    """(how many items came into the ledger, how many began to be shown)"""
    values: dict[str, Any] = {
        "now": now,
        "since": now - timedelta(seconds=rules.new_for_s),
        "items": rules.items,
        "per_creator": rules.items_per_creator,
        "share": rules.share,
        "alpha": rules.prior_alpha,
        "beta": rules.prior_beta,
        "why": f"New: it is shown to {percent(rules.share)} of users.",
    }
    raw.execute(_EXPIRE, values)
    if not rules.share:
        return 0, 0
    entered = raw.execute(_ENTER, values).rowcount
    return entered, raw.execute(_BEGIN, values).rowcount

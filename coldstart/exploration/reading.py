"""What a process reads of new items, as SQL for the reader's own connection and as a function of its rows."""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from coldstart.bandit.budget import Spent
from coldstart.exploration.arms import Newcomers, SegmentRow, TrialRow, newcomers_of
from coldstart.exploration.config import ExplorationConfig

# One row; cheap enough for every few seconds. The hour before counts too, or each hour would begin
# with nothing known of the spending.
VERSION = """
SELECT coalesce((SELECT max(changed_at)::text FROM coldstart_trial), ''),
       coalesce((SELECT extract(epoch FROM max(entered_at))::bigint FROM coldstart_trial), 0),
       coalesce(sum(shown), 0)::bigint, coalesce(sum(explored), 0)::bigint
FROM coldstart_spending WHERE hour > now() - interval '2 hours'
"""
TRIALS = """
SELECT trial.item_id, coalesce(item.creator_id, 0), CASE WHEN trial.state = 'exploring' THEN trial.share ELSE 0 END,
       extract(epoch FROM trial.began_at)::bigint, trial.periods, trial.alpha, trial.beta
FROM coldstart_trial AS trial JOIN catalog_item AS item ON item.id = trial.item_id AND item.active
WHERE trial.state = 'exploring' OR (trial.state = 'graduated' AND trial.period_began_at > %(arms_since)s)
ORDER BY trial.item_id
"""
SEGMENTS = """
SELECT item_id, segment, sum(exposures)::bigint, sum(engagements)::bigint
FROM coldstart_cell WHERE item_id = ANY(%(item_ids)s) AND segment <> '' GROUP BY item_id, segment
"""


def trial_values(now: datetime, rules: ExplorationConfig) -> dict[str, Any]:
    """The parameters of TRIALS."""
    return {"arms_since": now - timedelta(seconds=rules.bandit_for_s)}


def newcomers_from(
    version_row: Sequence[Any],
    trial_rows: Sequence[Sequence[Any]],
    segment_rows: Sequence[Sequence[Any]],
    rules: ExplorationConfig,
) -> Newcomers:
    """From the rows of the three statements. All processes make the same draws of the same version."""
    version, arrived_at_s, shown, explored = version_row
    return newcomers_of(
        [TrialRow(*row) for row in trial_rows],
        [SegmentRow(*row) for row in segment_rows],
        prior_weight=rules.prior_alpha + rules.prior_beta,
        spent=Spent(shown, explored),
        version=version,
        arrived_at_s=arrived_at_s,
        random=np.random.default_rng(zlib.crc32(version.encode())),
    )

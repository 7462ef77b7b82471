"""The bandit's places as they were logged: opened or not, with which probability, and whether a click followed."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from catalog.sql import cursor
from coldstart.exploration.config import ExplorationConfig
from coldstart.impressions.values import BANDIT, LONG_TAIL, NEW_ITEMS
from coldstart.ledger.attribution import ENGAGED

MOST = 500_000
_OUTCOMES = f"""
SELECT shown.propensity, shown.source = %(bandit)s, {ENGAGED}
FROM coldstart_impression AS shown
WHERE shown.propensity IS NOT NULL AND shown.source <> ALL (%(others)s)
    AND shown.shown_at > %(since)s AND shown.shown_at <= %(until)s
ORDER BY shown.shown_at DESC LIMIT %(most)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One row per place, the latest first. propensities: float64 [n]; opened, engaged: bool [n]."""

    propensities: NDArray[np.float64]
    opened: NDArray[np.bool_]
    engaged: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.propensities)


def logged_outcomes(since: datetime, until: datetime, rules: ExplorationConfig) -> Outcomes:
    """At most MOST of them, shown in this time."""
    values = {
        "bandit": BANDIT,
        "others": [NEW_ITEMS, LONG_TAIL],
        "since": since,
        "until": until,
        "weight": rules.engagement_weight,
        "most": MOST,
    }
    with cursor() as raw:
        rows = raw.execute(_OUTCOMES, values).fetchall()
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return Outcomes(
        np.array(columns[0], np.float64), np.array(columns[1], np.bool_), np.array(columns[2], np.bool_)
    )

"""How wide each arm shows the catalogue: from the last day's impressions of a sample of its users."""

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np

from catalog.sql import Cursor
from experiments.models import Experiment, Totals
from experiments.statistics import coverage_and_gini

GROUPS = 20
_WINDOW = timedelta(days=1)
_SAMPLE = 20_000  # users of all arms together
_SHOWN = """
SELECT exposed.variant_id, (hashint8(exposed.user_id) & 1048575) %% %(groups)b::integer AS user_group,
       impression.item_id, count(*)
FROM experiments_exposure AS exposed
JOIN coldstart_impression AS impression
    ON impression.user_id = exposed.user_id AND impression.shown_at >= exposed.exposed_at
WHERE exposed.experiment_id = %(experiment)b::bigint
    AND impression.shown_at > %(since)b::timestamptz AND impression.shown_at <= %(now)b::timestamptz
    AND exposed.user_id %% %(stride)b::bigint = 0
GROUP BY 1, 2, 3
"""


def measure_spread(raw: Cursor, experiment: Experiment, now: datetime) -> None:
    """Writes coverage and Gini per group of users into the arms' totals."""
    totals = list(Totals.objects.filter(variant__experiment=experiment))
    stride = max(1, sum(one.users for one in totals) // _SAMPLE)
    values = {
        "groups": GROUPS,
        "experiment": experiment.pk,
        "since": now - _WINDOW,
        "now": now,
        "stride": stride,
    }
    counts: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for variant_id, group, _, count in raw.execute(_SHOWN, values):
        counts[variant_id][group].append(count)
    arms = {
        variant_id: [np.array(group, np.int64) for group in groups.values()]
        for variant_id, groups in counts.items()
    }
    # As many of each group of each arm; the smallest tenth of the groups may be left out for it.
    sizes = [int(group.sum()) for groups in arms.values() for group in groups]
    size = int(np.quantile(sizes, 0.1)) if sizes else 0
    for one in totals:
        one.coverage, one.gini = coverage_and_gini(arms.get(one.variant_id, []), size)
    Totals.objects.bulk_update(totals, ["coverage", "gini"])

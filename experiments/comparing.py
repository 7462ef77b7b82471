"""Each arm beside the control, metric by metric, from the rows that the background keeps."""

from collections.abc import Sequence

import numpy as np
from django.db.models import Sum

from experiments.models import Totals, Traffic, Variant, Varied
from experiments.statistics import (
    DIVERSITY,
    LATENCY,
    LEAST_USERS,
    METRICS,
    Comparison,
    Estimate,
    Moments,
    Told,
    beside,
    clustered,
    compare,
)

LINES: Sequence[Told] = (*METRICS, DIVERSITY, LATENCY)  # in the order of a read-out
Compared = dict[tuple[int, str], Comparison | None]


def compared(variants: Sequence[Variant]) -> Compared:
    """By the id of a variant that isn't the control, and the name of a metric; None where too little is known. Empty
    where there is no control."""
    control = next((one for one in variants if one.control), None)
    if control is None:
        return {}
    totals = Totals.objects.filter(variant__in=variants)
    moments = {one.variant_id: Moments.stored(one.users, one.sums, one.products) for one in totals}
    before = moments.get(control.pk)
    found: Compared = {}
    for variant in variants:
        if variant.pk == control.pk:
            continue
        after = moments.get(variant.pk)
        for metric in METRICS:
            known = compare(before, after, metric) if before is not None and after is not None else None
            found[variant.pk, metric.name] = known
        for told, estimate in ((DIVERSITY, _diversity), (LATENCY, latency)):
            one, other = estimate(control), estimate(variant)
            users = sum(moments[arm.pk].users for arm in (control, variant) if arm.pk in moments)
            found[variant.pk, told.name] = None
            if one is not None and other is not None and users >= 2 * LEAST_USERS:
                found[variant.pk, told.name] = beside(one, other, users)
    return found


def latency(variant: Variant) -> Estimate | None:
    """Mean ms of an answer."""
    return _of_groups(list(Traffic.objects.filter(variant=variant).values_list("ms", "answers")))


def _diversity(variant: Variant) -> Estimate | None:
    # Days of the same group are added up first: its users come again.
    rows = Varied.objects.filter(variant=variant).values("user_group").order_by("user_group")
    summed = rows.annotate(all_diversity=Sum("diversity"), all_lists=Sum("lists"))
    return _of_groups(list(summed.values_list("all_diversity", "all_lists")))


def _of_groups(rows: Sequence[tuple[float, int]]) -> Estimate | None:
    if not rows:
        return None
    counted = np.array(rows, np.float64)
    return clustered(counted[:, 0], counted[:, 1])

"""Each arm beside the control, metric by metric, from the rows that the background keeps."""

from collections.abc import Sequence

from experiments.models import Totals, Variant
from experiments.statistics import METRICS, Comparison, Moments, Told, compare

LINES: Sequence[Told] = METRICS  # in the order of a read-out
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
    return found

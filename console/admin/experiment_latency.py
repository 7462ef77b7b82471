"""How long each arm's answers took: every one that the experiment had a say in, ready ones too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from console.metrics.measure import ms, percent
from experiments.models import Variant
from retrieval.models import ArmAnswers
from retrieval.tally.histogram import BUCKETS, quantile_ms

SHARES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class ArmLatency:
    """ready: the share of the answers whose bytes were kept; quantiles: of `SHARES`. Texts, "–" without answers."""

    arm: str
    answers: int
    ready: str
    quantiles: Sequence[str]


def latencies(variants: Sequence[Variant]) -> list[ArmLatency]:
    """One for each arm, in their order: a row per level of the cache is read of each."""
    answers = {variant.pk: 0 for variant in variants}
    ready = dict.fromkeys(answers, 0)
    counts = {variant.pk: np.zeros(BUCKETS, np.int64) for variant in variants}
    for row in ArmAnswers.objects.filter(variant__in=variants):
        answers[row.variant_id] += row.answers
        ready[row.variant_id] += row.answers if row.level == "ready" else 0
        counts[row.variant_id] += np.array(row.ms_counts, np.int64)
    return [
        ArmLatency(
            arm=variant.name + (" (control)" if variant.control else ""),
            answers=answers[variant.pk],
            ready=percent(ready[variant.pk] / answers[variant.pk]) if answers[variant.pk] else "–",
            quantiles=[_text(quantile_ms(counts[variant.pk].tolist(), share)) for share in SHARES],
        )
        for variant in variants
    ]


def _text(value: float | None) -> str:
    return "–" if value is None else ms(value)

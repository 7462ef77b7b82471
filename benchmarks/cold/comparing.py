"""What the cases of a cold-start run reach, how sure that is, and how they compare on the same people."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.cold.asking import K
from benchmarks.cold.people import HeldOut
from benchmarks.figures import Figure
from retrieval.evaluation.metrics import PerUser, Ranking

METRIC = f"recall@{K}"
OF_WARM = f"{METRIC} as a share of warm"
BEYOND_POPULARITY = f"{METRIC} beyond popularity"
_WARM, _POPULARITY = "user-warm", "popularity"
Recalls = dict[str, PerUser]


def recall(ranking: Ranking, people: HeldOut) -> PerUser:
    """float64 [n_people]: the share of what is to be found of each."""
    rows = zip(ranking, people.wanted, strict=True)
    return np.array([np.isin(row, wanted).sum() / len(wanted) for row, wanted in rows])


def pooled(folds: Sequence[Recalls]) -> Recalls:
    """Of all folds' people, one after the other in each case, so that cases stay paired."""
    return {case: np.concatenate([fold[case] for fold in folds]) for case in folds[0]}


def of_people(recalls: Mapping[str, PerUser]) -> list[Figure]:
    """Each case's mean; then what its people gain on popularity, and its share of what they have when they are warm:
    both paired."""
    popularity, warm = recalls[_POPULARITY], recalls[_WARM]
    figures = [mean(case, values, reference=float(popularity.mean())) for case, values in recalls.items()]
    for case, values in recalls.items():
        if case != _POPULARITY:
            figures.append(_figure(case, BEYOND_POPULARITY, values - popularity))
    for case, values in recalls.items():
        if case.startswith("user-") and case != _WARM:
            figures.append(_share(case, values, warm))
    return figures


def mean(case: str, values: PerUser, *, reference: float | None) -> Figure:
    return _figure(case, METRIC, values, reference=reference)


def _figure(case: str, metric: str, values: PerUser, *, reference: float | None = None) -> Figure:
    return Figure(
        suite="cold_start",
        case=case,
        metric=metric,
        value=float(values.mean()),
        unit="share",
        n=len(values),
        reference=reference,
        standard_error=_standard_error(values),
    )


def _share(case: str, values: PerUser, warm: PerUser) -> Figure:
    """The ratio of the means; its standard error by linearization (the delta method), as both are of the same
    people."""
    share = values.mean() / warm.mean()
    error = _standard_error((values - share * warm) / warm.mean())
    return Figure("cold_start", case, OF_WARM, float(share), "share", len(values), standard_error=error)


def _standard_error(values: PerUser) -> float | None:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None

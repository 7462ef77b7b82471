"""The classics, one file each: `fit(data) -> Scorer`. They live here, not in the product: `make evaluate` measures
the product's sources beside them, on the same split and in the same run."""

from collections.abc import Callable

from benchmarks.baselines import bpr, ease, gf_cf, ials, item_cosine, popularity
from benchmarks.datasets import DataSet
from benchmarks.ranking import Scorer

BASELINES: dict[str, Callable[[DataSet], Scorer]] = {
    "popularity": popularity.fit,
    "popularity-7d": popularity.fit_last_week,
    "item-cosine": item_cosine.fit,
    "bpr": bpr.fit,
    "ials": ials.fit,
    "gf-cf": gf_cf.fit,
    "ease": ease.fit,
}

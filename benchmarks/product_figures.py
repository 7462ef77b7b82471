"""The product's figures: each source alone and what it adds, the merged list, and the vector index."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.baselines import bpr
from benchmarks.datasets import DataSet
from benchmarks.figures import Figure
from benchmarks.measuring import Yardstick, overlaps
from benchmarks.product import MEASURED, Asked, Product
from benchmarks.quality import DEPTH, Measured
from retrieval.models import ModelVersion
from retrieval.offline.index_recall import index_recall, user_queries

# Each source costs another merge of all others' candidates for each of these users.
MERGED_ANEW = 500
_QUERIES = 200
_INDEX_DEPTHS = (20, 100, 400, 1000)


def measure_product(
    product: Product, yardstick: Yardstick, *, tuned: int | None, say: Callable[[str], object]
) -> list[Measured]:
    """Each source of the default mix and beside it, the merged list, and that of the mix with revision `tuned`."""
    users = yardstick.data.users
    merged = product.merged(users, depth=DEPTH)
    say(f"merged: {merged.per_second:.0f} users/s")
    alone = {source: product.alone(source, users, depth=DEPTH) for source in product.source_names()}
    degraded = merged.degraded + sum(asked.degraded for asked in alone.values())
    shared = overlaps({source: asked.ranking for source, asked in alone.items()})
    places = _some(len(users))
    measured = []
    for source, asked in alone.items():
        one = yardstick.measure("source", source, asked.ranking)
        unique = yardstick.unique(merged.ranking, merged.only_by, source)
        values = {**one.values, **unique, **shared[source]}
        counts: dict[str, int] = {}
        if source in MEASURED:
            other = product.beside(source, users[places], depth=DEPTH)
            lost, of_lost = yardstick.marginal(other.ranking, merged.ranking[places], places)
        else:
            other = product.without(source, users[places], depth=DEPTH)
            lost, of_lost = yardstick.marginal(merged.ranking[places], other.ranking, places)
        degraded += other.degraded
        values |= lost
        counts |= of_lost
        measured.append(replace(one, values=values, counts={**one.counts, **counts}))
    if degraded:
        say(f"[red]{degraded} answers were degraded: do not trust these figures.[/red]")
    measured.append(_merged("default", merged, yardstick))
    if tuned is not None:
        measured.append(_merged("tuned", product.merged(users, depth=DEPTH, revision=tuned), yardstick))
    return measured


def index_figures(version_id: int) -> list[Figure]:
    """`index_recall@k`: the share of the exact nearest k that the version's index finds, for queries from users."""
    version = ModelVersion.objects.get(id=version_id)
    queries = user_queries(version_id, _QUERIES)
    return [
        Figure(
            suite="index",
            case="pgvector",
            metric=f"index_recall@{k}",
            value=float(index_recall(version.vectors_table, queries, k).mean()),
            unit="share",
            n=len(queries),
        )
        for k in _INDEX_DEPTHS
    ]


def training_figures(version_id: int, data: DataSet, *, bpr_s: float | None) -> list[Figure]:
    """How fast the towers learned, beside BPR where it learned in the same run, in `bpr_s` seconds. An example is a
    positive event or pair, each time that it is looked at."""
    report = ModelVersion.objects.get(id=version_id).report["training"]
    theirs = bpr.examples(data) / bpr_s if bpr_s else None
    per_second = [("two-tower", report["examples_per_second"], theirs)]
    if theirs is not None:
        per_second.append(("bpr, one thread", theirs, None))
    return [
        *(
            Figure("training", case, "examples_per_second", value, "examples/s", len(data.train), reference)
            for case, value, reference in per_second
        ),
        Figure(
            "training", "two-tower", "train_seconds", report["train_seconds"], "s", len(data.train), bpr_s
        ),
    ]


def _merged(case: str, asked: Asked, yardstick: Yardstick) -> Measured:
    return yardstick.measure("merged", case, asked.ranking)


def _some(n: int) -> NDArray[np.int64]:
    """int64: at most MERGED_ANEW of the places 0 … n − 1, ascending, the same in every run."""
    if n <= MERGED_ANEW:
        return np.arange(n)
    return np.sort(np.random.default_rng(0).choice(n, MERGED_ANEW, replace=False))

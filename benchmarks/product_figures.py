"""The product's figures: each source alone and what it adds, the merged list, and the vector index."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.baselines import bpr
from benchmarks.datasets import DataSet
from benchmarks.figures import Figure
from benchmarks.measuring import Yardstick, overlaps
from benchmarks.newcomers import PART, as_newcomers, unmet
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
    shared = overlaps({source: asked.ranking for source, asked in alone.items()})
    added, degraded = _added(product, yardstick, merged)
    begun, of_newcomers, degraded_then = _among_newcomers(product, yardstick)
    degraded += degraded_then + merged.degraded + sum(asked.degraded for asked in alone.values())
    measured = []
    for source, asked in alone.items():
        one = yardstick.measure("source", source, asked.ranking)
        unique = yardstick.unique(merged.ranking, merged.only_by, source)
        lost = added[source] | begun.get(source, {})
        counts = dict.fromkeys(lost, min(MERGED_ANEW, len(users)))
        values = {**one.values, **unique, **shared[source], **lost}
        measured.append(replace(one, values=values, counts={**one.counts, **counts}))
    if degraded:
        say(f"[red]{degraded} answers were degraded: do not trust these figures.[/red]")
    default = _merged("default", merged, yardstick)
    counts = {**default.counts, **dict.fromkeys(of_newcomers, min(MERGED_ANEW, len(users)))}
    measured.append(replace(default, values={**default.values, **of_newcomers}, counts=counts))
    if tuned is not None:
        measured.append(_merged("tuned", product.merged(users, depth=DEPTH, revision=tuned), yardstick))
    return measured


def _added(product: Product, yardstick: Yardstick, merged: Asked) -> tuple[dict[str, dict[str, float]], int]:
    """(by source: what the merged list loses without it, or gains with it beside; how many answers were degraded)."""
    places = _some(len(yardstick.data.users))
    users, ranking = yardstick.data.users[places], merged.ranking[places]
    values, degraded = {}, 0
    for source in product.source_names():
        if source in MEASURED:
            other = product.beside(source, users, depth=DEPTH)
            values[source] = yardstick.marginal(other.ranking, ranking, places)
        else:
            other = product.without(source, users, depth=DEPTH)
            values[source] = yardstick.marginal(ranking, other.ranking, places)
        degraded += other.degraded
    return values, degraded


def _among_newcomers(
    product: Product, yardstick: Yardstick
) -> tuple[dict[str, dict[str, float]], dict[str, float], int]:
    """(by source of the default mix: what the merged list of people of whom little is known loses without it; what that
    list finds; how many answers were degraded)."""
    data, places = yardstick.data, _some(len(yardstick.data.users))
    users = data.users[places]
    met = [data.seen[[user]].indices for user in users.tolist()]
    with as_newcomers(data.user_ids[users].tolist()):
        asked = product.merged(users, depth=DEPTH)
        others = {source: product.without(source, users, depth=DEPTH) for source in product.default_sources()}
    whole = unmet(asked.ranking, met)
    values = {
        source: yardstick.marginal(whole, unmet(other.ranking, met), places, part=PART)
        for source, other in others.items()
    }
    degraded = asked.degraded + sum(other.degraded for other in others.values())
    return values, yardstick.part(whole, places, PART), degraded


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

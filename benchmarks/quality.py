"""Figures of quality from rankings, and the table that people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.datasets import DataSet
from benchmarks.figures import Figure
from retrieval.evaluation import metrics
from retrieval.evaluation.metrics import Ranking

DEPTHS = (20, 100, 500, 1000)
DEPTH = max(DEPTHS)
# Of all lists together, and bounds: larger is not simply better.
_WITHOUT_REFERENCE = ("coverage", "gini", "mean_popularity", "novelty", "marginal_recall")
_SHOWN = ("recall@20", "recall@100", "recall@500", "recall@1000", "ndcg@20", "coverage@100", "gini@100")


@dataclass(frozen=True)
class Measured:
    """One case's figures by metric, each a mean over the data set's users with something to find."""

    suite: str
    case: str
    values: Mapping[str, float]


def measure(suite: str, case: str, ranking: Ranking, data: DataSet) -> Measured:
    judged = metrics.judge(ranking, data.truth[data.users])
    n_items = data.shape[1]
    values = {
        f"{name}@{k}": float(of(judged, k).mean()) for name, of in metrics.PER_USER.items() for k in DEPTHS
    }
    for k in (20, 100):
        low, high = metrics.interval(metrics.recall(judged, k), seed=0)
        values |= {f"recall@{k}_low": low, f"recall@{k}_high": high}
    popularity = np.asarray(data.liked.mean(axis=0)).ravel()
    values |= {f"mean_popularity@{k}": metrics.mean_popularity(ranking, k, popularity) for k in DEPTHS}
    values |= {f"novelty@{k}": metrics.novelty(ranking, k, popularity, n_users=data.shape[0]) for k in DEPTHS}
    values |= {f"coverage@{k}": metrics.coverage(ranking, k, n_items) for k in DEPTHS}
    values |= {f"gini@{k}": metrics.gini(ranking, k, n_items) for k in DEPTHS}
    return Measured(suite, case, values)


def figures(measured: Sequence[Measured], *, n: int) -> list[Figure]:
    """The reference of our figures is the best baseline of this run; `n`: what they are means over."""
    baselines = [one.values for one in measured if one.suite == "baseline"]
    return [
        Figure(
            suite=one.suite,
            case=one.case,
            metric=metric,
            value=value,
            unit="bits" if metric.startswith("novelty") else "share",
            n=n,
            reference=_best(baselines, metric) if one.suite != "baseline" else None,
        )
        for one in measured
        for metric, value in one.values.items()
    ]


def _best(baselines: Sequence[Mapping[str, float]], metric: str) -> float | None:
    """None where larger is not simply better, or nothing compares."""
    if metric.partition("@")[0] in _WITHOUT_REFERENCE or metric.endswith(("_low", "_high")):
        return None
    return max((values[metric] for values in baselines if metric in values), default=None)


def show(measured: Sequence[Measured], *, title: str, shown: Sequence[str] = _SHOWN) -> None:
    """One line a case; the best baseline and whatever is ahead of it stand out."""
    table = Table(title=title)
    for column in ("suite", "case"):
        table.add_column(column)
    for metric in shown:
        table.add_column(metric, justify="right")
    baselines = [one.values for one in measured if one.suite == "baseline"]
    for one in measured:
        cells = [_cell(one.values.get(metric), _best(baselines, metric)) for metric in shown]
        table.add_row(one.suite, one.case, *cells)
    Console(width=140).print(table)


def _cell(value: float | None, best: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.4f}".removeprefix("0")
    return f"[bold]{text}[/bold]" if best is not None and value >= best else text


def marginal(ranking: Ranking, only_by: np.ndarray, source: str, data: DataSet) -> dict[str, float]:
    """What the merged list's recall loses without the candidates that only this source proposed; what would come
    up from below in their place is not counted."""
    without = np.where(only_by == source, -1, ranking)
    truth = data.truth[data.users]
    both = [metrics.judge(one, truth) for one in (ranking, without)]
    return {
        f"marginal_recall@{k}": float((metrics.recall(both[0], k) - metrics.recall(both[1], k)).mean())
        for k in DEPTHS
    }

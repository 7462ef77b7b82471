"""Figures of quality, and the table that people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure

DEPTHS = (20, 100, 500, 1000)
DEPTH = max(DEPTHS)
# Of all lists together, and bounds: larger is not simply better.
_WITHOUT_REFERENCE = (
    "coverage",
    "gini",
    "intra_list_diversity",
    "mean_popularity",
    "novelty",
    "marginal_recall",
    "unique_recall",
    "overlap",
)
_SHOWN = ("recall@20", "recall@100", "recall@500", "recall@1000", "ndcg@20", "coverage@100", "gini@100")


@dataclass(frozen=True)
class Measured:
    """One case's figures by metric, each a mean over the data set's users with something to find, or over what
    `counts` says of it. A metric of a part is "recall@100/history/6-20": the metric, by what, which part.

    curve: k -> recall@k, for the pictures.
    """

    suite: str
    case: str
    values: Mapping[str, float]
    counts: Mapping[str, int] = field(default_factory=dict)
    curve: Mapping[int, float] = field(default_factory=dict)


def figures(measured: Sequence[Measured], *, n: int) -> list[Figure]:
    """The reference of our figures is the best baseline of this run; `n`: what they are means over, where `counts`
    says nothing else."""
    baselines = [one.values for one in measured if one.suite == "baseline"]
    return [
        Figure(
            suite=one.suite,
            case=one.case,
            metric=metric,
            value=value,
            unit="bits" if metric.startswith("novelty") else "share",
            n=one.counts.get(metric, n),
            reference=_best(baselines, metric) if one.suite != "baseline" else None,
        )
        for one in measured
        for metric, value in one.values.items()
    ]


def _best(baselines: Sequence[Mapping[str, float]], metric: str) -> float | None:
    """None where larger is not simply better, or nothing compares."""
    if metric.startswith(_WITHOUT_REFERENCE) or metric.endswith(("_low", "_high")):
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

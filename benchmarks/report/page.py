"""index.md of a report: the tables, and the pictures beside them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.newcomers import KNOWN_EVENTS
from benchmarks.quality import Measured
from benchmarks.report import pictures
from benchmarks.report.run import Report, parts
from benchmarks.worth import worth_table

_TABLE = (
    "recall@20",
    "recall@100",
    "recall@500",
    "recall@1000",
    "ndcg@20",
    "mrr@20",
    "hit_rate@20",
    "precision@20",
    "coverage@100",
    "gini@100",
    "intra_list_diversity@20",
    "novelty@20",
)
_REPLAY_DEPTHS = (20, 100, 500)
# Which baselines go into pictures of parts: all of them would hide ours.
_BASELINES_SHOWN = 2


def write_report(report: Report, folder: Path) -> None:
    """Writes index.md and its pictures; what was there before under these names is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [
        f"# {report.title}",
        *_split(report, folder),
        *_replay(report, folder),
        *_offline(report, folder),
    ]
    (folder / "index.md").write_text("\n\n".join(blocks) + "\n")


def _split(report: Report, folder: Path) -> Iterator[str]:
    if not report.split:
        return
    yield _table(report.split, _TABLE)
    yield (
        "Means over users with something to find. Recall divides by the number of what was to be found; every item "
        "competes. Bootstrap intervals (95 %) of recall@100: " + ", ".join(_intervals(report.split)) + "."
    )
    pictures.recall_over_k(
        report.split, folder / "recall.png", title="How much is found, by the list's length"
    )
    yield "![Recall over k](recall.png)"
    yield from _sources(report, folder)
    chosen = _chosen(report.split, "recall@100")
    for dimension, title in (
        ("history", "How much is found for users who did little or much before"),
        ("item_age", "How much is found of items that were new or old"),
    ):
        if len(parts(chosen[0], "recall@100", dimension)) > 1:
            path = folder / f"by_{dimension}.png"
            pictures.in_parts(
                chosen, path, metric="recall@100", dimension=dimension, title=title, among=report.split
            )
            yield f"![{title}]({path.name})"


def _sources(report: Report, folder: Path) -> Iterator[str]:
    sources = [one for one in report.split if one.suite == "source"]
    merged = next((one for one in report.split if one.suite == "merged"), None)
    if not sources or merged is None:
        return
    yield "## Sources"
    columns = ("recall@100", "unique_recall@100", *(f"marginal_recall@{k}" for k in (20, 100, 500, 1000)))
    yield _table(sources, columns)
    yield (
        "`unique_recall`: what only this source proposed. `marginal_recall`: what is lost when the others are merged "
        "without it; below 0 the list is better without it."
    )
    head, *rows = worth_table(sources)
    yield "\n".join(
        ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        + ["| " + " | ".join(row) + " |" for row in rows]
    )
    yield (
        f"`{KNOWN_EVENTS} events known`: of the same people as newcomers, what is to be found being the same. Bold: "
        "beyond chance, by the paired bootstrap interval (95 %) over users."
    )
    pictures.by_source(sources, merged, folder / "sources.png", k=100)
    yield "![Recall per source](sources.png)"
    pictures.overlap_matrix(sources, folder / "overlap.png", metric="overlap@100")
    yield "![Overlap of sources](overlap.png)"


def _replay(report: Report, folder: Path) -> Iterator[str]:
    if not report.replay:
        return
    n = sum(n for _, n in parts(report.replay[0], "replay_recall@100", "item_age").values())
    yield f"## Replay: {n:,} requests, each knowing only what came before"
    yield _table(report.replay, [f"replay_recall@{k}" for k in _REPLAY_DEPTHS])
    for dimension, title in (
        ("item_age", "Replay: how much is found, by how long the item had been there"),
        ("history", "Replay: how much is found, by what the user had done before"),
    ):
        path = folder / f"replay_by_{dimension}.png"
        pictures.in_parts(report.replay, path, metric="replay_recall@100", dimension=dimension, title=title)
        yield f"![{title}]({path.name})"


def _offline(report: Report, folder: Path) -> Iterator[str]:
    if report.index:
        yield "## Vector index"
        yield "| k | share of the exact nearest k |\n|---|---|\n" + "\n".join(
            f"| {one.metric.partition('@')[2]} | {one.value:.4f} |" for one in report.index
        )
    training: Mapping[str, Any] = report.version.get("training", {})
    if recalls := training.get("validation_recall"):
        yield "## Training"
        pictures.training_curve(recalls, folder / "training.png")
        yield "![Training curve](training.png)"
    if report.seconds:
        yield "## Durations"
        steps = {name: step["seconds"] for name, step in report.version.items() if _has_seconds(step)}
        rows = {**report.seconds, **{f"offline: {name}": seconds for name, seconds in steps.items()}}
        yield "| stage | |\n|---|---|\n" + "\n".join(f"| {name} | {_span(s)} |" for name, s in rows.items())
    if training:
        yield (
            f"The model version learned from {training['events']:,} events of {training['users']:,} users on "
            f"{training['items']:,} items."
        )


def _has_seconds(step: Any) -> bool:
    return isinstance(step, dict) and "seconds" in step


def _span(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else str(dt.timedelta(seconds=round(seconds)))


def _intervals(measured: Sequence[Measured]) -> Iterator[str]:
    for one in measured:
        low, high = one.values["recall@100_low"], one.values["recall@100_high"]
        yield f"{one.case} {low:.4f} to {high:.4f}"


def _chosen(measured: Sequence[Measured], metric: str) -> list[Measured]:
    """The best baselines and everything of ours that finds anything."""
    baselines = sorted(
        (one for one in measured if one.suite == "baseline"), key=lambda one: -one.values[metric]
    )
    return baselines[:_BASELINES_SHOWN] + [
        one for one in measured if one.suite != "baseline" and one.values[metric] > 0
    ] or list(measured[:1])


def _table(measured: Sequence[Measured], metrics: Sequence[str]) -> str:
    head = ["", *metrics]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    best = {metric: _best(measured, metric) for metric in metrics}
    for one in measured:
        cells = [_cell(one.values.get(metric), best[metric]) for metric in metrics]
        lines.append("| " + " | ".join([f"{one.suite}: {one.case}", *cells]) + " |")
    return "\n".join(lines)


def _best(measured: Sequence[Measured], metric: str) -> float | None:
    """None where larger is not simply better."""
    if not metric.startswith(("recall", "ndcg", "mrr", "hit_rate", "precision", "replay")):
        return None
    return max((one.values[metric] for one in measured if metric in one.values), default=None)


def _cell(value: float | None, best: float | None) -> str:
    if value is None:
        return ""
    return f"**{value:.4f}**" if value == best else f"{value:.4f}"

"""The table as Markdown, the picture of recall and latency, and the figures as JSON lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

from benchmarks.ann.measuring import Measured
from benchmarks.figures import Figure

TARGET = 0.95
_COLORS = ("#08736c", "#1d5fd1", "#7b3fc4", "#b8480a", "#b0216f", "#7f6000", "#566274")


def figures(measured: Sequence[Measured], *, n: int, k: int, queries: int) -> Iterator[Figure]:
    """Of each library its cost, and its least effort that reaches the target beside pgvector's."""
    ours = next((one.at(TARGET) for one in measured if one.name.startswith("pgvector")), None)
    for one in measured:
        if one.absent:
            continue
        case = f"{one.name}, {n:,}"
        yield Figure("ann", case, "build_s", one.build_s, "s", n)
        yield Figure("ann", case, "memory", one.memory_mb, "MB", n)
        point = one.at(TARGET) or (one.points[-1] if one.points else None)
        if point is None:
            continue
        yield Figure("ann", case, f"recall@{k}", point.recall, "", queries)
        yield Figure("ann", case, "p50_ms", point.p50_ms, "ms", queries, ours.p50_ms if ours else None)
        yield Figure("ann", case, "p95_ms", point.p95_ms, "ms", queries, ours.p95_ms if ours else None)


def table(measured: Sequence[Measured], *, k: int) -> str:
    lines = [
        f"| library | build | memory | effort | recall@{k} | p50 | p95 |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for one in measured:
        if one.absent:
            lines.append(f"| {one.name} | not measured: {one.absent} | | | | | |")
            continue
        point = one.at(TARGET) or one.points[-1]
        lines.append(
            f"| {one.name} | {one.build_s:.1f} s | {one.memory_mb:,.0f} MB | {point.effort:,} | {point.recall:.3f} | "
            f"{point.p50_ms:.2f} ms | {point.p95_ms:.2f} ms |"
        )
    return "\n".join(lines)


def picture(measured: Sequence[Measured], path: Path, *, title: str, k: int) -> None:
    """Up and to the left is better."""
    figure, axes = plt.subplots(figsize=(8.6, 4.8), dpi=130)
    for one, color in zip(measured, _COLORS, strict=False):
        if one.points:
            axes.plot(
                [point.p50_ms for point in one.points],
                [point.recall for point in one.points],
                color=color,
                marker="o",
                markersize=4,
                label=one.name,
            )
    axes.axhline(TARGET, color="#b8480a", linewidth=1, linestyle=(0, (4, 4)))
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g}"))
    axes.set_xlabel("milliseconds, median of one search in one thread")
    axes.set_ylabel(f"recall@{k}")
    axes.set_title(title, loc="left", fontsize=11)
    axes.grid(visible=True, color="#dde5e2")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)

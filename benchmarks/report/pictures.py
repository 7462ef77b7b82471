"""The pictures of a report, as PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from benchmarks.quality import Measured
from benchmarks.report.run import parts

# Ours in color and solid, what they are compared with in gray and broken.
_OURS = ("#1d5fd1", "#7b3fc4", "#0f7a4d", "#b8480a", "#b0216f", "#0b7285", "#7f6000", "#566274")
_MERGED, _INK, _GRID = "#06393c", "#22302f", "#dde5e2"
_GRAYS = ("#4d5a58", "#7d8a87", "#a3aeab")
_DASHES = (
    (0, (6, 2)),
    (0, (2, 2)),
    (0, (8, 2, 2, 2)),
    (0, (1, 1.5)),
    (0, (4, 4)),
    (0, (10, 3)),
    (0, (3, 1, 1, 1)),
)
_DPI = 130


def recall_over_k(measured: Sequence[Measured], path: Path, *, title: str) -> None:
    """One line a case over k, which grows by powers of ten; the legend is in the order of the lines' right ends."""
    figure, axes = _canvas(title, "Recall@k", width=9.2, height=5.2)
    ends = []
    for one in measured:
        ks, values = list(one.curve), list(one.curve.values())
        if not any(values):
            continue
        (line,) = axes.plot(ks, values, **_style(one, measured))
        ends.append((values[-1], line, f"{_name(one)}  {values[-1]:.3f}"))
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda k, _: f"{k:,.0f}"))
    axes.set_xlabel("k, the first places of the list")
    axes.set_ylim(bottom=0)
    ends.sort(key=lambda end: -end[0])
    k = max((max(one.curve) for one in measured if one.curve), default=0)
    axes.legend(
        [line for _, line, _ in ends],
        [label for *_, label in ends],
        title=f"Recall@{k:,}",
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
        alignment="left",
    )
    _save(figure, path)


def by_source(sources: Sequence[Measured], merged: Measured, path: Path, *, k: int) -> None:
    """For each source two bars: what it finds alone, and what the merged list loses without it, with the interval."""
    figure, axes = _canvas("What each source finds, and what is lost without it", f"Recall@{k}")
    place = np.arange(len(sources))
    alone = [one.values[f"recall@{k}"] for one in sources]
    lost = [one.values.get(f"marginal_recall@{k}", 0.0) for one in sources]
    lows = [
        one.values.get(f"marginal_recall@{k}_low", value) for one, value in zip(sources, lost, strict=True)
    ]
    highs = [
        one.values.get(f"marginal_recall@{k}_high", value) for one, value in zip(sources, lost, strict=True)
    ]
    errors = np.array([np.subtract(lost, lows), np.subtract(highs, lost)]).clip(0)
    _label(axes, axes.bar(place - 0.2, alone, 0.38, color=_OURS[0], label="alone"), alone)
    bars = axes.bar(
        place + 0.2,
        lost,
        0.38,
        yerr=errors,
        error_kw={"ecolor": _INK, "elinewidth": 1, "capsize": 3},
        color=_OURS[3],
        label="lost when the others are merged without it (95 %)",
    )
    _label(axes, bars, lost, above=[max(high, 0.0) for high in highs])
    whole = merged.values[f"recall@{k}"]
    axes.axhline(whole, color=_MERGED, linewidth=1.6, label=f"merged {whole:.3f}")
    axes.axhline(0, color=_INK, linewidth=0.8)
    axes.set_xticks(place, [one.case for one in sources])
    axes.margins(y=0.15)
    _legend_below(axes)
    _save(figure, path)


def overlap_matrix(sources: Sequence[Measured], path: Path, *, metric: str) -> None:
    """A square a pair: of the row's first 100, the share that the column proposes too. Empty: it proposed nothing."""
    names = [one.case for one in sources]
    table = np.full((len(names), len(names)), np.nan)
    for row, one in enumerate(sources):
        for label, (value, _) in parts(one, metric, "with").items():
            table[row, names.index(label)] = value
    size = 1.6 + 0.95 * len(names)
    figure, axes = plt.subplots(figsize=(size + 1.6, size), layout="constrained")
    axes.set_facecolor("#f1f4f3")
    axes.imshow(table, cmap="YlGnBu", vmin=0, vmax=1)
    edges = np.arange(len(names) + 1) - 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    for row, column in np.ndindex(table.shape):
        value = float(table[row, column])
        text = "" if np.isnan(value) else f"{value:.0%}"
        axes.text(column, row, text, ha="center", va="center", color="white" if value > 0.55 else _INK)
    axes.set_xticks(range(len(names)), names, rotation=25, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_title(
        "Of the row's first 100, how many the column proposes too", loc="left", color=_INK, fontsize=11
    )
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    _save(figure, path)


def in_parts(
    measured: Sequence[Measured],
    path: Path,
    *,
    metric: str,
    dimension: str,
    title: str,
    among: Sequence[Measured] = (),
) -> None:
    """One line a case over the parts, in order; under each part its size. among: the cases that say which color is
    whose, where not all of them are drawn."""
    sizes = {label: n for label, (_, n) in parts(measured[0], metric, dimension).items()}
    unit = (
        "requests" if metric.startswith("replay") else ("users" if dimension == "history" else "to be found")
    )
    figure, axes = _canvas(title, metric.replace("replay_r", "R").replace("recall", "Recall"), width=9.2)
    labels = list(sizes)
    for one in measured:
        values = parts(one, metric, dimension)
        heights = [values.get(label, (np.nan, 0))[0] for label in labels]
        axes.plot(
            labels, heights, marker="o", markersize=4, label=_name(one), **_style(one, among or measured)
        )
    axes.set_xticks(range(len(labels)), [f"{label}\n{sizes[label]:,} {unit}" for label in labels])
    axes.set_ylim(bottom=0)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    _save(figure, path)


def training_curve(recalls: Sequence[float], path: Path) -> None:
    """Validation recall after each pass; the best one, which was kept, stands out."""
    figure, axes = _canvas("Training: recall on what was held out, after each pass", "Recall@100", height=3.6)
    passes, best = np.arange(1, len(recalls) + 1), int(np.argmax(recalls))
    axes.plot(passes, recalls, color=_OURS[0], marker="o", markersize=3)
    axes.plot([passes[best]], [recalls[best]], "o", color=_OURS[3], markersize=8)
    axes.annotate(
        f"pass {passes[best]}: {recalls[best]:.3f}",
        (passes[best], recalls[best]),
        xytext=(0, 8),
        textcoords="offset points",
        ha="center",
        color=_OURS[3],
    )
    axes.set_xlabel("pass over the events")
    axes.set_ylim(0, max(recalls) * 1.18 or 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    _save(figure, path)


def _style(one: Measured, among: Sequence[Measured]) -> dict[str, Any]:
    same = [other.case for other in among if other.suite == one.suite]
    place = same.index(one.case)
    if one.suite == "merged":
        return {"color": _MERGED, "linewidth": 3, "zorder": 5, "linestyle": "--" if place else "-"}
    if one.suite == "source":
        return {"color": _OURS[place % len(_OURS)], "linewidth": 1.6, "zorder": 4}
    return {
        "color": _GRAYS[place % len(_GRAYS)],
        "linestyle": _DASHES[place % len(_DASHES)],
        "linewidth": 1.4,
    }


def _name(one: Measured) -> str:
    """The merged list is called that; of another mix than the default one, with the mix's name."""
    if one.suite != "merged":
        return one.case
    return "merged" if one.case == "default" else f"merged, {one.case}"


def _canvas(title: str, value: str, *, width: float = 7.6, height: float = 4.4) -> tuple[Any, Any]:
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    axes.set_title(title, loc="left", color=_INK, fontsize=11)
    axes.set_ylabel(value)
    axes.grid(axis="y", color=_GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _label(axes: Any, bars: Any, values: Sequence[float], *, above: Sequence[float] | None = None) -> None:
    for bar, value, top in zip(bars, values, above or values, strict=True):
        place = (bar.get_x() + bar.get_width() / 2, max(top, 0.0))
        axes.annotate(
            f"{value:.3f}",
            place,
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=_INK,
            zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6},
        )


def _legend_below(axes: Any) -> None:
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False, fontsize=9)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=_DPI)
    plt.close(figure)

"""The run's figures as Markdown, with what the sizes say together."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench.capacity import plan
from benchmarks.figures import Figure

_CASES, _GROWS_FROM, _GROWS_TO = ("cold", "four"), "100k", "1m"


def read_figures(path: Path) -> list[Figure]:
    figures = []
    for line in path.read_text().splitlines():
        fields = json.loads(line)
        fields.pop("ratio")
        figures.append(Figure(**fields))
    return [*figures, *growth(figures)]


def growth(figures: Sequence[Figure]) -> list[Figure]:
    """How many times longer a cold answer takes with ten times the items."""
    medians = {figure.case: figure.value for figure in figures if figure.metric == "p50_ms alone"}
    return [
        Figure("bench", f"{case}, 100k to 1m", "p50_ms alone", after, "ms", 2, before)
        for case in _CASES
        if (before := medians.get(f"{case}-{_GROWS_FROM}")) and (after := medians.get(f"{case}-{_GROWS_TO}"))
    ]


def write_markdown(figures: Sequence[Figure], path: Path, machine: str) -> Path:
    lines = [
        f"{machine}.",
        "",
        "| case | metric | value | unit | floor | ratio | n |",
        "|---|---|---:|---|---:|---:|---:|",
    ]
    for f in figures:
        floor = "" if f.reference is None else f"{f.reference:,.4g}"
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        lines.append(f"| {f.case} | {f.metric} | {f.value:,.4g} | {f.unit} | {floor} | {ratio} | {f.n:,} |")
    path.write_text("\n".join([*lines, *plan(figures)]) + "\n")
    return path

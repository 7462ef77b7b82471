"""The run as Markdown."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench.machine import description
from benchmarks.figures import Figure


def write_markdown(path: Path, minutes: float, figures: Sequence[Figure]) -> None:
    """One row per figure; those of latency side by side."""
    lines = [
        f"{minutes:g} minutes. {description()}.",
        "",
        "| | | value | at first, or allowed |",
        "|---|---|---:|---:|",
    ]
    percentiles: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.unit == "ms":
            percentiles.setdefault(figure.case, []).append(figure)
            continue
        value = f"{figure.value:+.1%}" if figure.unit == "share" else f"{figure.value:,.4g} {figure.unit}"
        reference = "" if figure.reference is None else f"{figure.reference:,.4g}"
        lines.append(f"| {figure.case} | {figure.metric} | {value} | {reference} |")
    lines += ["", "| request | answered | p50 ms | p95 ms | p99 ms |", "|---|---:|---:|---:|---:|"]
    for case, row in percentiles.items():
        lines.append(f"| {case} | {row[0].n:,} | " + " | ".join(f"{f.value:,.0f}" for f in row) + " |")
    path.write_text("\n".join(lines) + "\n")

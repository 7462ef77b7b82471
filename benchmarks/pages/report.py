"""The pages' times as Markdown, the slowest first."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure

_COLUMNS = ("p50_ms", "best_ms", "cpu_ms")


def write_markdown(figures: Sequence[Figure], path: Path, machine: str) -> Path:
    """Ordered by CPU, which other processes disturb least."""
    pages: dict[str, dict[str, float]] = {}
    whole: list[Figure] = []
    for figure in figures:
        metric, _, page = figure.metric.partition(" of ")
        if metric in _COLUMNS and page:
            pages.setdefault(page, {})[metric] = figure.value
        else:
            whole.append(figure)
    ordered = sorted(pages.items(), key=lambda one: -one[1]["cpu_ms"])
    lines = [
        f"{machine}.",
        "",
        "| page | p50 ms | best ms | CPU ms |",
        "|---|---:|---:|---:|",
        *(
            f"| `{page}` | " + " | ".join(f"{ms[name]:.0f}" for name in _COLUMNS) + " |"
            for page, ms in ordered
        ),
        "",
        *(f"- {one.metric}: {one.value:,.4g} {one.unit}, n = {one.n}" for one in whole),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path

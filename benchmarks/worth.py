"""Which sources carry weight: what the default mix loses without each, of the users as they are and as newcomers."""

from collections.abc import Iterator, Sequence

from benchmarks.newcomers import KNOWN_EVENTS, PART
from benchmarks.quality import Measured

# What is looked at, and what a table calls it.
_LOSSES = {
    "20": ("marginal_recall@20", ""),
    "100": ("marginal_recall@100", ""),
    f"20, {KNOWN_EVENTS} events known": ("marginal_recall@20", PART),
    f"100, {KNOWN_EVENTS} events known": ("marginal_recall@100", PART),
}


def worth_table(sources: Sequence[Measured]) -> Iterator[list[str]]:
    """Rows of cells, the first with the names of columns: each loss with its interval of 95 %, and bold where all of it
    is above 0."""
    yield ["", *(f"lost @{name}" for name in _LOSSES)]
    for one in sources:
        cells = [_cell(one, metric, part) for metric, part in _LOSSES.values()]
        yield [one.case, *cells]


def carries(one: Measured) -> bool:
    """Whether any of its losses is beyond chance."""
    return any(_bounds(one, metric, part)[0] > 0 for metric, part in _LOSSES.values())


def _cell(one: Measured, metric: str, part: str) -> str:
    value = one.values.get(f"{metric}{part}")
    if value is None:
        return ""
    low, high = _bounds(one, metric, part)
    text = f"{value:+.4f} ({low:+.4f} to {high:+.4f})"
    return f"**{text}**" if low > 0 else text


def _bounds(one: Measured, metric: str, part: str) -> tuple[float, float]:
    values = one.values
    return values.get(f"{metric}_low{part}", 0.0), values.get(f"{metric}_high{part}", 0.0)

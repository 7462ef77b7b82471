"""Figures of budgets as people read them."""

from math import floor


def share(value: float | None) -> str:
    """To a thousandth of a percent and never rounded up: 99.9996 % is not all, and what is all has no thousandths."""
    if value is None:
        return "–"
    return "100 %" if value == 1 else f"{floor(value * 100_000 + 1e-6) / 1000:.3f} %"


def objective(value: float) -> str:
    return f"{100 * value:.6g} %"


def left(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f} %" if value >= 0 else f"−{-100 * value:,.0f} %"


def minutes(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f} min".replace("-", "−")


def requests(value: float) -> str:
    return f"{floor(value + 1e-6):,}".replace("-", "−")


def rate(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"

"""Small pictures for pages: a line of values over time, as SVG that the server draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 260, 64
_SIDE, _TOP, _BOTTOM = 4, 8, 8


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spark:
    """lines: for SVG polylines, one per stretch without a gap; dots: values between two gaps; last: the newest."""

    lines: Sequence[str]
    dots: Sequence[Dot]
    last: Dot
    low: str
    high: str
    summary: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_lone(self) -> bool:
        """Of a single value, which makes no line: the figure beside it says all there is."""
        return not self.lines and len(self.dots) == 1


def spark(
    values: Sequence[float | None], text: Callable[[float], str], *, title: str, span: str
) -> Spark | None:
    """None where there is no value. Values, oldest first, lie evenly; a missing one is a gap, not a zero.

    The scale goes from the lowest to the highest. span: what the values are of, for who doesn't see the picture.
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    across, down = WIDTH - 2 * _SIDE, HEIGHT - _TOP - _BOTTOM

    def dot(place: int, value: float) -> Dot:
        x = _SIDE + across * (place / (len(values) - 1) if len(values) > 1 else 0.5)
        y = _TOP + down * (1 - (value - low) / (high - low) if high > low else 0.5)
        return Dot(round(x, 1), round(y, 1))

    stretches: list[list[Dot]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append(dot(place, value))
    stretches = [stretch for stretch in stretches if stretch]
    return Spark(
        lines=[" ".join(f"{one.x},{one.y}" for one in part) for part in stretches if len(part) > 1],
        dots=[part[0] for part in stretches if len(part) == 1],
        last=stretches[-1][-1],
        low=text(low),
        high=text(high),
        summary=f"{title}, {span}: lowest {text(low)}, highest {text(high)}, last {text(known[-1])}.",
    )

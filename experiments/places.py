"""Which buckets of a layer an experiment holds, as [first, end, first, end, …)."""

from collections.abc import Iterable, Sequence

from experiments.hashing import BUCKETS


class LayerFull(ValueError):
    """The layer has fewer free buckets than are asked for."""


def grown(held: Sequence[int], taken: Iterable[Sequence[int]], size: int) -> list[int]:
    """`held` with more or fewer buckets, `size` in all; `taken` are the others'. What is kept is never exchanged: fewer
    give up the last ones, more take the first that are free. Raises LayerFull."""
    own = numbers(held)
    if size <= len(own):
        return ranges(own[:size])
    theirs = {number for places in taken for number in numbers(places)} | set(own)
    free = [number for number in range(BUCKETS) if number not in theirs]
    more = size - len(own)
    if more > len(free):
        raise LayerFull(
            f"The layer has {len(free) / 100:g} % of the users left, and {more / 100:g} % more are asked for: "
            "stop or shrink another experiment of the layer."
        )
    # In the order of taking, so that shrinking again gives up what came last.
    return ranges([*own, *free[:more]])


def numbers(places: Sequence[int]) -> list[int]:
    return [
        number for first, end in zip(places[::2], places[1::2], strict=True) for number in range(first, end)
    ]


def ranges(taken: Sequence[int]) -> list[int]:
    places: list[int] = []
    for number in taken:
        if places and places[-1] == number:
            places[-1] = number + 1
        else:
            places += [number, number + 1]
    return places

"""Cells, what is coarser than each, and shares shrunk towards it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]


class Cell(NamedTuple):
    """ "" stands for any."""

    age_group: str = ""
    location: str = ""
    language: str = ""

    @property
    def known(self) -> int:
        return sum(bool(value) for value in self)


EVERYBODY = Cell()


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one cell: how many people there are, and how many of them like each item, float64 [n_items]."""

    users: int
    likes: Shares


def parent(cell: Cell) -> Cell:
    """The next coarser one: without the language, else the location, else the age group."""
    for name in ("language", "location", "age_group"):
        if getattr(cell, name):
            return cell._replace(**{name: ""})
    return EVERYBODY


def ancestors(cell: Cell) -> list[Cell]:
    """All cells that the people of `cell` are in, the finest first, everybody last. Of two with as much known the
    one with the age group comes first, then the one with the location."""
    age_group, location, language = cell
    found = {
        Cell(age, place, tongue)
        for age in ("", age_group)
        for place in ("", location)
        for tongue in ("", language)
    }
    return sorted(found, key=lambda one: (-one.known, not one.age_group, not one.location))


def shrunk(counts: Mapping[Cell, Counts], *, least_users: int, prior_users: float) -> dict[Cell, Shares]:
    """Shares of the cells with `least_users` or more and of everybody; each is pulled to the nearest coarser cell that
    is kept, as if `prior_users` of its people were in the finer one too."""
    kept: dict[Cell, Shares] = {}
    for cell in sorted(counts, key=lambda one: one.known):
        of_cell = counts[cell]
        if cell == EVERYBODY:
            kept[cell] = of_cell.likes / max(of_cell.users, 1)
            continue
        if of_cell.users < least_users:
            continue
        coarser = parent(cell)
        while coarser not in kept:
            coarser = parent(coarser)
        kept[cell] = (of_cell.likes + prior_users * kept[coarser]) / (of_cell.users + prior_users)
    return kept

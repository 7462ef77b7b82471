"""Random walks with restart over items and their groups, all walkers at once (Pixie: Eksombatchai et al. 2018)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.graph import Graph, Rows
from retrieval.sets import counted

Floats = NDArray[np.float64]
_ROUNDS = 10  # of each walker, where all starts are walked from at once


@dataclass(frozen=True, slots=True)
class Walks:
    steps: int = 50_000  # from an item over a group to an item, of all walkers together
    walkers: int = 5_000
    restart: float = 0.8  # how likely a walker goes home after a step
    enough_items: int = 2_000  # the walk stops early where so many items ...
    enough_visits: int = 4  # ... were visited so often
    look_every: int = 5  # rounds between two looks at that


@dataclass(frozen=True, slots=True)
class Visited:
    """places: int64 [n], rows of the graph's items, ascending; scores: float64 [n]; starts: int64 [n], the place among
    the starts of that which led there most often; rounds: how many steps each walker made."""

    places: Rows
    scores: Floats
    starts: Rows
    rounds: int


def walk(graph: Graph, starts: Rows, weights: Floats, random: np.random.Generator, walks: Walks) -> Visited:
    """What walkers from these items visit, themselves included. An item's score is the square of the sum over starts of
    the root of its visits: who is reached from several starts counts for more than who is reached from one as often.

    starts: rows of the graph's items, each with a group; weights: float64 [starts], above 0.
    """
    if not len(starts):
        return Visited(starts, np.empty(0), starts, 0)
    # Narrow numbers sort faster; they hold an item and a start together.
    kind: type[Any] = np.int32 if len(graph.item_ids) * len(starts) < 2**31 else np.int64
    home = np.repeat(np.arange(len(starts), dtype=kind), shares(graph, starts, weights, walks.walkers))
    seen = _rounds(graph, starts, home, random, walks)
    keys, visits = counted(np.concatenate(seen))
    item, start = np.divmod(keys, len(starts))
    first = np.flatnonzero(np.append(True, item[1:] != item[:-1]))
    roots = np.add.reduceat(np.sqrt(visits), first)
    strongest = np.maximum.reduceat(visits * len(starts) + start, first) % len(starts)
    return Visited(item[first].astype(np.int64), roots**2, strongest, len(seen))


def visits_from_each(
    graph: Graph, starts: Rows, random: np.random.Generator, *, steps: int
) -> tuple[Rows, Rows, Rows]:
    """(place among the starts, row of an item, visits), each int64 [n], ascending: what is visited from each start by
    itself in so many steps.

    starts: rows of the graph's items, each with a group.
    """
    if not len(starts):
        return starts, starts, starts
    walks = Walks()
    # Each walker goes home with the same chance as on line, so that few long walks count like many short ones.
    walkers = max(steps // _ROUNDS, 1)
    endless = replace(walks, steps=steps * len(starts), look_every=steps + 1)
    home = np.repeat(np.arange(len(starts)), walkers)
    item, start = np.divmod(np.concatenate(_rounds(graph, starts, home, random, endless)), len(starts))
    keys, visits = counted(start * len(graph.item_ids) + item)
    place, row = np.divmod(keys, len(graph.item_ids))
    return place, row, visits


def _rounds(
    graph: Graph, starts: Rows, home: NDArray[Any], random: np.random.Generator, walks: Walks
) -> list[NDArray[Any]]:
    """For each round, as many as `home`: the item that each walker visits, times the starts, plus its start. home: the
    place among the starts of each walker's own."""
    kind = home.dtype.type
    at = origin = starts[home].astype(kind)
    seen: list[NDArray[Any]] = []
    for _ in range(max(walks.steps // len(home), 1)):
        group = graph.item_groups[_edge(graph.item_starts, at, random)]
        at = graph.group_items[_edge(graph.group_starts, group, random)]
        # The item first, so that what is sorted by this number is sorted by item.
        seen.append(at * kind(len(starts)) + home)
        if len(seen) % walks.look_every == 0 and _enough(seen, len(starts), walks):
            break
        at = np.where(random.random(len(home)) < walks.restart, origin, at)
    return seen


def shares(graph: Graph, starts: Rows, weights: Floats, walkers: int) -> Rows:
    """int64 [starts], at least 1: how many walkers begin at each. More where there is more to visit, but less than in
    proportion to the groups (the paper's equation 1)."""
    degrees = np.diff(graph.item_starts)
    most = np.log(max(int(degrees.max(initial=1)), 1)) + 1
    own = degrees[starts].astype(np.float64)
    parts = weights * own * (most - np.log(np.maximum(own, 1)))
    counts: Rows = np.maximum(np.round(walkers * parts / max(float(parts.sum()), 1e-12)), 1).astype(np.int64)
    return counts


def _edge(starts: NDArray[np.int32], at: NDArray[Any], random: np.random.Generator) -> Rows:
    """int64, as many as `at`: one of each row's edges, all equally likely. Each row has one."""
    begin = starts[at]
    chosen = begin + (random.random(len(at), np.float32) * (starts[at + 1] - begin)).astype(np.int32)
    # A float so close to 1 may be rounded up to the next row's first edge.
    edges: Rows = np.minimum(chosen, starts[at + 1] - 1).astype(np.int64)
    return edges


def _enough(seen: list[NDArray[Any]], n_starts: int, walks: Walks) -> bool:
    _, visits = counted(np.concatenate(seen) // n_starts)
    return bool((visits >= walks.enough_visits).sum() >= walks.enough_items)

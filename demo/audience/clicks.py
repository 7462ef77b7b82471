"""How a simulated person looks at a list: a position-based click model (Richardson, Dominowska and Ragno, 2007).

A click takes two things that know nothing of each other: the person's eye gets as far as the place, and the film
there is to the person's liking. So clicks at each place are as likely as `examined` times `attraction`, and whoever
reads the demo's figures can know what they have to show.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# The eye reaches place p with p ** -0.6: every second person sees the third place, one in six the twentieth.
_FADES = 0.6
# A film that means nothing to the person is clicked on by one in fifteen who see it.
_RELUCTANCE = 2.6
_TASTE = 2.0
_LIKES, _SHARES, _HIDES = 0.4, 0.04, 0.02
# What is less to one's liking than this may be hidden.
_DISLIKED = -0.5
_GLANCE_S, _WATCHED_S, _LONGEST_S = 8.0, 90.0, 900.0
_BETWEEN_PLACES_S = 1.5


@dataclass(frozen=True, slots=True)
class Film:
    """appeal: how much more than usual everybody likes it, in stars."""

    tags: tuple[str, ...]
    appeal: float = 0.0


@dataclass(frozen=True, slots=True)
class Reaction:
    """One event: at which place (from 1), of which type, so many seconds after the list was shown."""

    position: int
    type: str
    after_s: float
    dwell_s: float | None = None


def liking(tastes: Mapping[str, float], film: Film) -> float:
    """Around 0, above it where the film is to somebody's liking. tastes: by tag, in stars above the person's usual."""
    known = [tastes.get(tag, 0.0) for tag in film.tags]
    return film.appeal + (_TASTE * sum(known) / len(known) if known else 0.0)


def examined(position: int) -> float:
    """The probability that the eye reaches the place, from 1."""
    return float(position**-_FADES)


def attraction(liked: float) -> float:
    """The probability of a click on what is seen."""
    return _logistic(liked - _RELUCTANCE)


def react(likings: Sequence[float], rng: random.Random) -> list[Reaction]:
    """What a person does with a list, in the order in which it is done; likings: of each place, the first one first."""
    done: list[Reaction] = []
    clock_s = 0.0
    for position, liked in enumerate(likings, 1):
        if rng.random() >= examined(position):
            continue
        clock_s += _BETWEEN_PLACES_S
        if rng.random() < attraction(liked):
            opened = _opened(position, liked, clock_s, rng)
            clock_s = opened[-1].after_s
            done += opened
        elif liked < _DISLIKED and rng.random() < _HIDES:
            done.append(Reaction(position, "hide", clock_s))
    return done


def _opened(position: int, liked: float, at_s: float, rng: random.Random) -> list[Reaction]:
    """A click, and what follows where the film keeps what it promised."""
    pleased = _logistic(liked)
    watched = rng.random() < pleased
    dwell_s = round(min(rng.expovariate(1 / (_WATCHED_S if watched else _GLANCE_S)), _LONGEST_S), 1)
    done = [Reaction(position, "click", at_s, dwell_s)]
    if watched:
        after_s = at_s + dwell_s
        done.append(Reaction(position, "view", after_s))
        done += [
            Reaction(position, kind, after_s)
            for kind, chance in (("like", _LIKES), ("share", _SHARES))
            if rng.random() < chance * pleased
        ]
    return done


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))

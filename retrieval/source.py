"""What a source is, and how creating a file makes it exist."""

import importlib
import pkgutil
from enum import Enum
from functools import cache
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from retrieval.types import Context, Found, RetrievalError


class Course(Enum):
    """How a source runs beside others.

    By turns in the request's own thread: FIRST where it has Postgres compute for long, else NEXT. APART, in a thread of
    its own: what waits for anything but `asking.ask`, or computes for long itself.
    """

    FIRST = 1
    NEXT = 2
    APART = 3


class Source(Protocol):
    """Proposes items for a context. A source never filters what is seen or inactive, caches, logs per item,
    starts threads, reads experiments or looks at another source."""

    name: str  # unique; the key in mixes, reports and metrics
    label: str  # for people
    explores: bool  # counts towards the floor of exploring candidates
    reason: str  # for people: "because you liked {seed}", with {seed} where a candidate has one
    course: Course  # APART where nothing is said

    def applies_to(self, context: Context) -> bool:
        """False where the source can say nothing of this user: reported as skipped, not as empty."""
        ...

    def retrieve(self, context: Context, k: int) -> Found:
        """At most `k` items, best first, the same for the same context. Raises SourceTimeout past
        `context.deadline`."""
        ...


@runtime_checkable
class SpeaksOfAll(Protocol):
    """A source whose candidates without a seed are there for another reason."""

    reason_unseeded: str


@runtime_checkable
class DrawsAtRandom(Protocol):
    """A source that draws from the whole catalogue: of a large one it hardly ever draws what others proposed."""

    draws_at_random: bool


class InvalidSource(RetrievalError):
    """A source breaks its interface."""


_registered: dict[str, Source] = {}
SourceClass = TypeVar("SourceClass", bound=type[Source])


def register(cls: SourceClass) -> SourceClass:
    """Class decorator: makes one instance and enters it under its name. Raises InvalidSource at import."""
    for attribute in ("name", "label", "explores", "reason"):
        if not hasattr(cls, attribute):
            raise InvalidSource(f"{cls.__name__} has no {attribute!r}: see retrieval/source.py.")
    if cls.name in _registered:
        raise InvalidSource(f"Two sources are called {cls.name!r}: rename {cls.__name__}.")
    if not hasattr(cls, "course"):
        cls.course = Course.APART
    _registered[cls.name] = cls()
    return cls


@cache
def all_sources() -> dict[str, Source]:
    """Every source by name: the modules of `retrieval.sources` are imported once."""
    package = importlib.import_module("retrieval.sources")
    for module in pkgutil.iter_modules(package.__path__, "retrieval.sources."):
        importlib.import_module(module.name)
    return dict(sorted(_registered.items()))


def validated(source: Source, found: Found, k: int) -> Found:
    """`found`, checked and cut to `k`. Raises InvalidSource where it breaks the interface: a NaN must sink the
    source here, not a request later."""
    n = len(found.item_ids)
    if found.scores.shape != (n,) or found.seeds.shape != (n,):
        raise InvalidSource(
            f"{source.name}: {n} items, scores {found.scores.shape}, seeds {found.seeds.shape}."
        )
    if not np.isfinite(found.scores).all():
        raise InvalidSource(f"{source.name}: scores must be finite.")
    if (found.scores[1:] > found.scores[:-1]).any():
        raise InvalidSource(f"{source.name}: candidates must come best first.")
    ordered = np.sort(found.item_ids)
    if (ordered[1:] == ordered[:-1]).any():
        raise InvalidSource(f"{source.name}: an item came twice.")
    return found.head(k)

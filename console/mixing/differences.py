"""What is different between two mixes, in a person's words: one line for each thing that was changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.inspector.tiles import source_label

_SLOT = {"weight": 1.0, "quota": 100, "limit_ms": 100}
_NAMES = {
    "limit_ms": "deadline in ms",
    "fade_events": "fades after events",
    "explore_share": "exploring, at least",
    "creator_share": "creator, at most",
    "category_share": "category, at most",
    "tag_share": "tag, at most",
    "window_days": "hidden for days",
}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Difference:
    where: str
    before: str
    after: str


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """In the order of the mix after, then what it has no more; none where both serve the same."""
    old, new = dict(_flat(before)), dict(_flat(after))
    places = list(new) + [place for place in old if place not in new]
    return [
        Difference(place, old.get(place, NOTHING), new.get(place, NOTHING))
        for place in places
        if old.get(place) != new.get(place)
    ]


def _flat(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for slot in body.get("sources", []):
        label = source_label(str(slot.get("name"))).label
        yield label, "in the mix"
        for key, value in (_SLOT | slot).items():
            if key != "name":
                yield from _leaves(f"{label}: {_words(key)}", value)
    for key, value in body.items():
        if key != "sources":
            yield from _leaves(_words(key).capitalize(), value)


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{place}, {_words(str(key))}", inner)
    elif isinstance(value, list):
        if value and all(isinstance(inner, dict) for inner in value):
            for number, inner in enumerate(value, 1):
                yield from _leaves(f"{place} {number}", inner)
        elif value:
            yield place, ", ".join(str(inner) for inner in value)
    elif value is not None:
        yield place, f"{value:g}" if isinstance(value, float) else str(value)


def _words(key: str) -> str:
    return _NAMES.get(key, key.replace("_", " "))

"""Reads a mix's JSON and refuses what is not meant, naming the field and the remedy."""

from typing import Any

from retrieval.mixes.mix import InvalidMix
from retrieval.source import all_sources

MAX_QUOTA = 5000


def known_source(place: str, name: Any) -> str:
    if not isinstance(name, str) or name not in all_sources():
        raise InvalidMix(place, f"{name!r} is no source: use one of {', '.join(all_sources())}.")
    return name


def text_list(place: str, values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise InvalidMix(place, "use a list of texts.")
    return values


class Fields:
    """Reads one JSON object and remembers what was asked for, so that a misspelt key is refused."""

    def __init__(self, place: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise InvalidMix(place, "use an object.")
        self._place, self._raw, self._asked = place, raw, set[str]()

    def get(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        return self._raw.get(name, default)

    def list(self, name: str) -> "list[Any]":
        value = self.get(name, [])
        if not isinstance(value, list):
            raise InvalidMix(f"{self._place}.{name}", "use a list.")
        return value

    def text(self, name: str, default: str) -> str:
        value = self.get(name, default)
        if not isinstance(value, str):
            raise InvalidMix(f"{self._place}.{name}", "use a text.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.get(name, default)
        if not isinstance(value, bool):
            raise InvalidMix(f"{self._place}.{name}", "use true or false.")
        return value

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InvalidMix(f"{self._place}.{name}", f"{value!r}: use a number from {low:g} to {high:g}.")
        return float(value)

    def refuse_others(self) -> None:
        if unknown := set(self._raw) - self._asked:
            raise InvalidMix(
                f"{self._place}.{min(unknown)}", f"unknown: use {', '.join(sorted(self._asked))}."
            )

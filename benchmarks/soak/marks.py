"""Two mixes and two model versions whose answers tell which of them they are of, whatever they say themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from psycopg import sql

from coldstart.models import Consent, Interest
from retrieval.mixes import DEFAULT_BODY, Mix, create_revision, mix_by_revision, shipped_body
from retrieval.models import ModelVersion

# What the new-item door and the bandit put into any mix's answer.
_BESIDE = frozenset({"new_items", "bandit"})
# The source that searches the live version's vectors.
_OF_THE_VERSION = "collaborative"
INTERESTS = ("drama", "comedy", "horror", "western", "noir")
CONSENT = "soak"


@dataclass(frozen=True, slots=True)
class Marks:
    """`sources`: by revision, those that can stand in its answers; the two have each at least one that the other has
    not. `parity`: by model version, of the numbers of the items that it knows; `last_item`: up to which that holds."""

    sources: Mapping[int, frozenset[str]]
    parity: Mapping[int, int]
    last_item: int

    def contradictions(self, answer: Mapping[str, Any]) -> list[str]:
        """What in an answer with `fields=full` is not of the mix and the version that it names. Empty: all is."""
        versions = answer["versions"]
        allowed = self.sources.get(versions["mix"])
        parity = self.parity.get(versions["model"])
        found: list[str] = []
        if allowed is None or parity is None:
            return [f"An answer of mix {versions['mix']} and version {versions['model']}."]
        for candidate in answer["candidates"]:
            names = {place["name"] for place in candidate["sources"]}
            found += [f"{name} in an answer of mix {versions['mix']}" for name in names - allowed]
            number = item_number(candidate["item_id"])
            if _OF_THE_VERSION in names and 0 < number <= self.last_item and number % 2 != parity:
                found.append(f"item {number} in an answer of version {versions['model']}")
        return found


def item_number(external_id: str) -> int:
    """Of the world's items; 0 of those that came later."""
    word, _, number = external_id.partition("-")
    return int(number) if word == "item" and number.isdecimal() else 0


def make_marks(items: int) -> Marks:
    """Of the two versions that are there each loses every other item; two mixes become revisions. Before the product
    starts: nothing is invalidated."""
    even, odd = ModelVersion.objects.order_by("id")
    for version, parity in ((even, 0), (odd, 1)):
        statement = sql.SQL("DELETE FROM {} WHERE item_id %% 2 <> %s").format(
            sql.Identifier(version.vectors_table)
        )
        with connection.cursor() as cursor:
            cursor.execute(statement.as_string(None), [parity])
    other_sources = [slot for slot in DEFAULT_BODY["sources"] if slot["name"] != "content"]
    fresh = {"name": "fresh", "quota": 200, "weight": 0.5, "limit_ms": 150}
    bodies = (shipped_body(), {**shipped_body(), "sources": [*other_sources, fresh]})
    numbers = [create_revision(body, note="For the soak.").number for body in bodies]
    sources = {number: _sources_of(mix_by_revision(number)) for number in numbers}
    first, second = sources.values()
    if not (first - second and second - first):
        raise RuntimeError("Each mix needs a source that the other has not: see DEFAULT_BODY.")
    return Marks(sources, {even.id: 0, odd.id: 1}, items)


def make_survey() -> None:
    """Interests to choose from, and a text to agree to."""
    for n, name in enumerate(INTERESTS):
        Interest.objects.create(slug=name, name=name.title(), categories=[f"category-{n}"])
    Consent.objects.create(version=CONSENT, text="Yes.")


def _sources_of(mix: Mix) -> frozenset[str]:
    own = {slot.name for slot in mix.slots} | set(mix.fill)
    beside = _sources_of(mix_by_revision(mix.newcomers.revision)) if mix.newcomers else frozenset()
    return _BESIDE | own | beside

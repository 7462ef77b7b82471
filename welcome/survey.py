"""What the survey's page shows while somebody chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from coldstart.interests import (
    InvalidAnswer,
    KnownInterest,
    current_consent,
    example_titles,
    limits,
    offered_interests,
)
from coldstart.models import Consent
from welcome.art import Art, art_of
from welcome.words import spoken_title

_EXAMPLES = 3
_LONGEST_QUERY = 60


@dataclass(frozen=True, slots=True)
class Tile:
    """An interest to choose, with the titles that show what is meant."""

    slug: str
    name: str
    examples: tuple[str, ...]
    art: Art
    picture_url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choosing:
    """Tiles in order: while something is searched for, what is chosen comes first, so that it is not lost."""

    tiles: tuple[Tile, ...]
    chosen: tuple[str, ...]
    least: int
    most: int
    query: str
    found: int  # tiles that match the query
    consent: Consent
    agreed: str  # version of the text that was agreed to
    answered: bool

    @classmethod
    def of(cls, chosen: Sequence[str], *, query: str, agreed: str = "", answered: bool = False) -> Self:
        offered = offered_interests(chosen)
        titles = example_titles(offered)
        examples = {key: tuple(map(spoken_title, of_one)) for key, of_one in titles.items()}
        picked = tuple(one.slug for one in offered if one.slug in set(chosen))
        query = query.strip()[:_LONGEST_QUERY]
        matching = [one for one in offered if _matches(one, examples[one.id], query)]
        kept = [one for one in offered if one.slug in picked and one not in matching]
        least, most = limits(len(offered))
        return cls(
            tiles=tuple(
                _tile(one, examples[one.id], chosen=one.slug in picked) for one in [*kept, *matching]
            ),
            chosen=picked,
            least=least,
            most=most,
            query=query,
            found=len(matching),
            consent=current_consent(),
            agreed=agreed,
            answered=answered,
        )

    @property
    def count(self) -> int:
        return len(self.chosen)

    @property
    def missing(self) -> int:
        return max(self.least - self.count, 0)

    @property
    def surplus(self) -> int:
        return max(self.count - self.most, 0)

    def words_for(self, error: InvalidAnswer) -> str:
        """What to do about it, for people."""
        if error.field == "consent_version":
            return "Please agree to how your choice is used, or skip this step."
        if self.missing:
            return f"You chose {self.count or 'nothing'} so far: please choose at least {self.least}."
        if self.surplus:
            return f"You chose {self.count}: please choose at most {self.most}."
        return "Something has changed meanwhile: please look at your choice again."


def _tile(interest: KnownInterest, titles: tuple[str, ...], *, chosen: bool) -> Tile:
    return Tile(
        slug=interest.slug,
        name=interest.name,
        examples=titles[:_EXAMPLES],
        art=art_of(interest.slug, interest.color),
        picture_url=interest.picture_url,
        chosen=chosen,
    )


def _matches(interest: KnownInterest, titles: Sequence[str], query: str) -> bool:
    """Each word of the query begins a word of the name, the tags, the categories or a title."""
    words = " ".join([interest.name, *interest.tags, *interest.categories, *titles]).casefold().split()
    return all(any(word.startswith(part) for word in words) for part in query.casefold().split())

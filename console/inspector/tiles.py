"""How an item and a source look: colors are classes of the stylesheet, chosen so that they never change."""

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from retrieval.facts import ItemFacts
from retrieval.source import all_sources

HUES = 24  # .hue-0 … .hue-23 in posters.css
CUTS = 5  # .cut-0 … .cut-4 in posters.css
TONES = 12  # .src-0 … .src-11 in tokens.css
_ARTICLES = {"the", "a", "an", "la", "le", "les", "il", "der", "die", "das"}


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    hue: int


@dataclass(frozen=True, slots=True)
class Tile:
    """An item as a small poster: two hues of its tags, a shape and its initials."""

    external_id: str
    title: str
    year: str
    initials: str
    hue: int
    second_hue: int
    cut: int
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class SourceLabel:
    name: str
    label: str
    tone: int


def hue_of(word: str) -> int:
    """The same for the same word in every process, which `hash` is not."""
    return zlib.crc32(word.lower().encode()) % HUES


def tile(facts: ItemFacts, row: int) -> Tile:
    """The tile of one row of the facts."""
    title = facts.titles[row] or facts.external_ids[row]
    tags = facts.tags[row] or ((facts.category[row],) if facts.category[row] else ())
    hues = [hue_of(tag) for tag in tags] or [hue_of(title)]
    return Tile(
        external_id=facts.external_ids[row],
        title=title,
        year=_year(int(facts.published_at_s[row]), title),
        initials=_initials(title),
        hue=hues[0],
        second_hue=hues[1] if len(hues) > 1 else hues[0],
        cut=zlib.crc32(title.encode()) % CUTS,
        tags=tuple(Tag(tag, hue_of(tag)) for tag in tags[:4]),
    )


def source_label(name: str) -> SourceLabel:
    """A source's words and color; one that is gone since keeps its name."""
    sources = all_sources()
    if name not in sources:
        return SourceLabel(name, name, TONES - 1)
    return SourceLabel(name, sources[name].label, list(sources).index(name) % TONES)


def _initials(title: str) -> str:
    found: list[str] = re.findall(r"\w+", title)
    words = [word for word in found if word.lower() not in _ARTICLES and not word.isdigit()]
    if not words:
        return title[:2]
    return words[0][:2].capitalize() if len(words) == 1 else (words[0][0] + words[1][0]).upper()


def _year(published_at_s: int, title: str) -> str:
    if not published_at_s:
        return ""
    # Many titles tell a year of their own, which need not be the same.
    if re.search(r"\(\d{4}\)", title):
        return ""
    return str(datetime.fromtimestamp(published_at_s, UTC).year)

"""The box "why not this item?": from what a person types to one item, and its way through the request."""

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Item
from console.inspector.overview import removal_words
from console.inspector.question import Question
from console.inspector.tiles import SourceLabel, source_label
from retrieval.each_source import Word, each_source
from retrieval.explain import UnknownItem, Why, why

# Titles have no index: only the newest items are searched by title, so that the price has a bound.
TITLES_SEARCHED = 20_000
_MATCHES = 8


@dataclass(frozen=True, slots=True)
class Match:
    external_id: str
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Step:
    """One source's word on the item."""

    source: SourceLabel
    rank: int
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that did not bring the item into the answer: outside the mix it may know it all the same (`rank`)."""

    source: SourceLabel
    rank: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either `why` is told, or `matches` are to be chosen from; with neither, nothing was found."""

    asked: str
    why: Why | None = None
    steps: tuple[Step, ...] = ()
    removed: str = ""
    silent: tuple[Silence, ...] = ()  # sources of the mix
    outside: tuple[Silence, ...] = ()  # and the others, those first that know the item
    matches: tuple[Match, ...] = ()


def verdict_on(question: Question, now: datetime) -> Verdict:
    """What became of the item that `question.why` names by external id or by a part of its title."""
    asked = question.why.strip()
    found = _by_id(asked) or _by_title(asked)
    if len(found) != 1:
        return Verdict(asked, matches=tuple(Match(i, title, question.link(why=i)) for i, title in found))
    try:
        told = why(question.to_request(now), found[0][0])
    except UnknownItem:  # gone since
        return Verdict(asked)
    item_id = Item.objects.values_list("id", flat=True).get(external_id=found[0][0])
    words = each_source(question.to_request(now), item_id)
    named = {by.source for by in told.found_by}
    outside = [_silence(word) for word in words if not word.in_mix and word.source not in named]
    return Verdict(
        asked,
        why=told,
        silent=tuple(_silence(word) for word in words if word.in_mix and word.source not in named),
        outside=tuple(sorted(outside, key=lambda one: one.rank or 1_000_000)),
        steps=tuple(Step(source_label(by.source), by.rank, by.score, by.reason) for by in told.found_by),
        removed=removal_words(told.removed_by) if told.removed_by else "",
    )


_OUTCOMES = {
    "skipped": "has nothing to go on for this user",
    "empty": "found nothing at all",
    "timeout": "was not done in time",
    "error": "failed",
    "busy": "was busy",
}


def _silence(word: Word) -> Silence:
    report = word.report
    if word.rank:
        words = f"would have it at {word.rank:,} of {report.found:,}, {word.reason}"
    elif report.outcome == "ok":
        words = f"not among the {report.found:,} that it found, of {report.asked:,} asked for"
    else:
        words = _OUTCOMES.get(report.outcome, report.outcome)
    return Silence(source_label(word.source), word.rank, words)


def _by_id(asked: str) -> list[tuple[str, str]]:
    return list(Item.objects.filter(external_id=asked).values_list("external_id", "title"))


def _by_title(asked: str) -> list[tuple[str, str]]:
    newest = Item.objects.order_by("-id").values("id")[:TITLES_SEARCHED]
    rows = Item.objects.filter(id__in=newest, title__icontains=asked).order_by("title")
    return list(rows.values_list("external_id", "title")[:_MATCHES])

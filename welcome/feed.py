"""The first feed: what the product answers, as cards with a reason each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from coldstart.interests import offered_interests
from retrieval.answer import Answer
from retrieval.exposures import log_exposures
from retrieval.reasons import chosen_behind, names_seed, reason_text
from retrieval.service import retrieve
from retrieval.tally import count_answer
from retrieval.types import Request
from welcome.art import Art, art_of
from welcome.words import spoken_title

SHOWN = 24


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    year: str
    tags: tuple[str, ...]
    reason: str
    chosen: str  # the interest that is the reason, where one is
    art: Art


@dataclass(frozen=True, slots=True)
class Feed:
    """because: the interests among the reasons, the most frequent first."""

    cards: tuple[Card, ...]
    because: tuple[str, ...]
    served_by: str  # "" for who is known well


def first_feed(user: str, now: datetime) -> Feed:
    """Raises RetrievalError where nothing can be answered."""
    request = Request(user=user, k=SHOWN, now=now)
    answer = retrieve(request)
    count_answer(answer, request)
    log_exposures(answer, now)
    # What came of an interest has its tile's color.
    colors = {interest.name: interest.color for interest in offered_interests()}
    cards = tuple(_card(answer, row, colors) for row in range(len(answer.pool)))
    because = Counter(card.chosen for card in cards if card.chosen)
    return Feed(
        cards=cards,
        because=tuple(name for name, _ in because.most_common()),
        served_by=answer.cold_start.served_by if answer.cold_start else "",
    )


def _card(answer: Answer, row: int, colors: Mapping[str, str]) -> Card:
    facts = answer.facts
    place = int(facts.rows_of(answer.pool.item_ids[row : row + 1])[0])
    title = facts.titles[place] or facts.external_ids[place]
    published_at_s = int(facts.published_at_s[place])
    chosen, reason = _reason(answer, row)
    return Card(
        title=spoken_title(title),
        year=str(datetime.fromtimestamp(published_at_s, UTC).year) if published_at_s else "",
        tags=tuple(facts.tags[place][:2]),
        reason=reason,
        chosen=chosen,
        art=art_of(title, colors.get(chosen, "")),
    )


def _reason(answer: Answer, row: int) -> tuple[str, str]:
    """(the chosen interest, the words): what was chosen says more to its chooser than any other reason; else what the
    source says that ranked it best."""
    pool = answer.pool
    columns = sorted(
        np.flatnonzero(pool.ranks[row]).tolist(), key=lambda column: int(pool.ranks[row, column])
    )
    for column in columns:
        chosen = chosen_behind(answer.chosen, int(pool.item_ids[row]), int(pool.seeds[row, column]))
        if chosen and names_seed(pool.sources[column]):
            return chosen, reason_text(pool.sources[column], "", chosen=chosen)
    best = columns[0]
    seed_row = int(answer.facts.rows_of(pool.seeds[row, best : best + 1])[0])
    seed_title = spoken_title(answer.facts.titles[seed_row]) if seed_row >= 0 else ""
    return "", reason_text(pool.sources[best], seed_title, seed=int(pool.seeds[row, best]))

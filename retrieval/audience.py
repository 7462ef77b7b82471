"""Who would see an item: followers of its creator, counted, and people with a taste for its tags, estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from catalog.event_types import event_weights
from catalog.history import unpack_history
from coldstart.models import Trial
from retrieval.deadline import Deadline
from retrieval.facts import ItemFacts, load_facts
from retrieval.sets import among, ascending
from retrieval.sql import hot_connection
from retrieval.toplists import lists_of
from retrieval.types import Ids

SAMPLE = 2_000  # users whose histories are read
EXAMPLES = 20
LIKES = 50  # of each, the newest
ENOUGH = 2  # likes of the tags' items make a taste: one may be chance
KEEN = 1.25  # times as often as others
_ALL_BELOW = 4_000  # so few users with a history are all looked at
_SPARE = 1.3  # a sample of blocks brings a little more or less than was asked for

# Statistics of the planner where a table is large: counting it would cost more than all the rest.
_POPULATION = """
SELECT CASE WHEN reltuples >= %(exact_below)s THEN reltuples::bigint
    ELSE (SELECT count(*) FROM catalog_userhistory) END
FROM pg_class WHERE oid = 'catalog_userhistory'::regclass
"""
_SAMPLED = """
SELECT history.user_id, person.external_id, history.events, EXISTS (
    SELECT FROM catalog_creatorfollow AS follow
    WHERE follow.user_id = history.user_id AND follow.creator_id = %(creator)s
)
FROM catalog_userhistory AS history TABLESAMPLE SYSTEM (%(percent)s) REPEATABLE (%(seed)s)
JOIN catalog_user AS person ON person.id = history.user_id
WHERE NOT EXISTS (
    SELECT FROM catalog_block AS block WHERE block.user_id = history.user_id AND (
        block.item_id = %(item)s OR block.creator_id = %(creator)s OR block.tag = ANY(%(tags)s)
    )
)
ORDER BY history.user_id
"""
_FOLLOWERS = "SELECT count(*) FROM catalog_creatorfollow WHERE creator_id = %s"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many users, with an interval of 95 %; all three are the same where everybody was looked at."""

    count: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Of one item. `population`: users with a history; `sampled`: of how many it was read; `examples`: external ids of
    interested users, the keenest first."""

    population: int
    sampled: int
    followers: int
    interested: Estimate
    reach: Estimate
    exploring_share: float
    state: str
    examples: tuple[str, ...]


def audience_of(item_id: int, *, deadline: Deadline) -> Audience:
    """The audience of the item with this internal id, which exists. Raises SourceTimeout, StoreUnavailable.

    Interested is who likes the best-known items (the top lists) of its tags at least a quarter more often than others
    do, on average over its tags, and two or more of them, among the newest 50 likes; by category where it has no
    tags. Everybody is looked at where few people have a history, else a sample
    of the table's blocks, the same one for the same item. Who blocked the item, its creator or a tag is left out.
    """
    facts = load_facts(np.array([item_id], np.int64), deadline)
    lists = _alike(facts, deadline)
    creator, tags = int(facts.creator_ids[0]), list(facts.tags[0])
    with hot_connection(deadline) as connection:
        [(population,)] = connection.execute(_POPULATION, {"exact_below": _ALL_BELOW}).fetchall()
        percent = 100.0 if population <= _ALL_BELOW else min(100.0, 100 * SAMPLE * _SPARE / population)
        values = {"creator": creator, "item": item_id, "tags": tags, "percent": percent, "seed": item_id}
        people = connection.execute(_SAMPLED, values).fetchall()
        [(followers,)] = connection.execute(_FOLLOWERS, [creator]).fetchall()
    keen, likes = _keenness([events for _, _, events, _ in people], lists)
    interested = (keen >= KEEN) & (likes >= ENOUGH)
    new_to = interested & ~np.array([follows for *_, follows in people], np.bool_)
    everybody = percent == 100.0
    trial = Trial.objects.filter(item_id=item_id).first()
    return Audience(
        population=population,
        sampled=len(people),
        followers=followers,
        interested=_estimate(interested, population, everybody=everybody),
        reach=_estimate(new_to, population, everybody=everybody, known=followers),
        exploring_share=trial.share if trial and trial.state == Trial.State.EXPLORING else 0.0,
        state=trial.state if trial else "",
        examples=tuple(
            people[row][1] for row in np.argsort(-keen, kind="stable")[:EXAMPLES] if interested[row]
        ),
    )


def _alike(facts: ItemFacts, deadline: Deadline) -> list[Ids]:
    """For each of the item's tags, else for its category, the best-known items: int64 [n], ascending."""
    kind, values = ("tag", facts.tags[0]) if facts.tags[0] else ("category", (facts.category[0],))
    lists = lists_of([(kind, value) for value in values if value], deadline)
    return [ascending(ids) for ids, _ in lists.values()]


def _keenness(
    histories: Sequence[bytes | None], lists: Sequence[Ids]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of each user (how often the lists' items are among the newest likes, beside everybody's average, 1 for the same;
    how many are there in all lists together)."""
    weights = event_weights()
    positive = ascending(np.array([type_id for type_id, weight in weights.items() if weight > 0], np.int16))
    counts = np.zeros((len(histories), len(lists)))
    likes = np.zeros(len(histories), np.int64)
    totals = np.zeros(len(histories))
    for row, events in enumerate(histories):
        history = unpack_history(events)
        liked = history["item_id"][among(history["type_id"], positive)][-LIKES:]
        newest = ascending(liked.astype(np.int64))
        found = [among(newest, items) for items in lists]
        totals[row] = len(newest)
        if found:
            counts[row] = [np.count_nonzero(one) for one in found]
            likes[row] = np.count_nonzero(np.logical_or.reduce(found))
    if not counts.size:
        return np.zeros(len(histories)), likes
    shares = counts / np.maximum(totals, 1)[:, None]
    average = shares[totals > 0].mean(axis=0) if (totals > 0).any() else np.ones(len(lists))
    return (shares / np.maximum(average, 1e-9)).mean(axis=1), likes


def _estimate(of: NDArray[np.bool_], population: int, *, everybody: bool, known: int = 0) -> Estimate:
    """`known` and the population's share of those for whom `of` holds, by Wilson's interval (Wilson 1927)."""
    count, n = int(np.count_nonzero(of)), len(of)
    if everybody or not n:
        return Estimate(known + count, known + count, known + count)
    z = float(ndtri(0.975))
    share = count / n
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = max(0.0, center - half), min(1.0, center + half)
    return Estimate(*(known + round(population * value) for value in (share, low, high)))

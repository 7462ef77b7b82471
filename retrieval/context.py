"""Everything a request knows of its user, read in one statement, and what changed in the catalogue since the last
one; sources never query it again."""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np

from catalog.changes import CHANGES_SINCE
from catalog.event_types import event_weights
from catalog.history import History, empty_history, unpack_history
from coldstart.config import newcomers
from coldstart.interests import STATED_TYPE, Stated, stated_events
from coldstart.maturity import learning_rates
from retrieval import facts
from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.mixes import Mix
from retrieval.sessions import with_session
from retrieval.sql import sees_uncommitted
from retrieval.types import Context, LiveModel, Request

# Without a context the answer is a stranger's, so it may take longer than a client's hasty deadline.
_CONTEXT_MS = 350

# One number of all that the user `u` blocks, whoever wrote it.
BLOCKS = """(
    SELECT coalesce(bit_xor(hash_record_extended(ROW(b.item_id, b.creator_id, b.tag), 0)), 0)
    FROM catalog_block b WHERE b.user_id = u.id
)"""
# Moves when something is stored as shown to the user `u` by chance.
CHANCE = """coalesce((
    SELECT (extract(epoch FROM c.stored_at) * 1000000)::bigint FROM coldstart_chance c WHERE c.user_id = u.id
), 0)"""
_QUERY = (
    """
SELECT <changes since>, pg_is_in_recovery(), <blocks>, <chance>,
       u.id, u.age_group, u.location, u.language,
       coalesce(h.version, 0), coalesce(h.event_count, 0), h.events,
       ARRAY(
           -- At most 100: friends first (both follow each other), then the rest of whom the user follows.
           SELECT f.followee_id
           FROM catalog_follow f
           JOIN catalog_user person ON person.id = f.followee_id AND NOT person.social_opt_out
           LEFT JOIN catalog_follow back ON back.follower_id = f.followee_id AND back.followee_id = f.follower_id
           WHERE f.follower_id = u.id
           ORDER BY (back.id IS NULL), f.id DESC
           LIMIT 100
       ),
       ARRAY(SELECT b.item_id FROM catalog_block b WHERE b.user_id = u.id AND b.item_id IS NOT NULL),
       ARRAY(SELECT b.creator_id FROM catalog_block b WHERE b.user_id = u.id AND b.creator_id IS NOT NULL),
       ARRAY(SELECT b.tag FROM catalog_block b WHERE b.user_id = u.id AND b.tag <> ''),
       ARRAY(SELECT e.item_id FROM coldstart_explored e WHERE e.user_id = u.id),
       ARRAY(SELECT c.creator_id FROM catalog_creatorfollow c WHERE c.user_id = u.id ORDER BY c.id DESC LIMIT 100),
       coalesce((SELECT s.interest_ids FROM coldstart_surveyanswer s WHERE s.user_id = u.id), '{}')
FROM <asked> AS asked (external_id)
LEFT JOIN catalog_user u ON u.external_id = asked.external_id
LEFT JOIN catalog_userhistory h ON h.user_id = u.id
""".replace("<changes since>", CHANGES_SINCE)
    .replace("<blocks>", BLOCKS)
    .replace("<chance>", CHANCE)
)
_OF_ONE = _QUERY.replace("<asked>", "(SELECT %(user)s::text)")
# In the order in which they were asked for.
_OF_MANY = (
    _QUERY.replace("<asked>", "unnest(%(users)s::text[]) WITH ORDINALITY").replace(
        "asked (external_id)", "asked (external_id, place)"
    )
    + "ORDER BY asked.place"
)
# Keys and short lists whoever asks: planning it anew each time costs three times what running it does.
_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"
_NOBODY = np.empty(0, np.int64)
_STRANGER: tuple[Any, ...] = (0, 0, 0, "", "", "", 0, 0, None, *[_NOBODY] * 3, [], *[_NOBODY] * 3)


class _Ahead(threading.local):
    """What this thread has read ahead, by user."""

    def __init__(self) -> None:
        self.rows: Mapping[str, tuple[Any, ...]] = {}


_ahead = _Ahead()


@contextmanager
def read_ahead(users: Sequence[str], deadline: Deadline) -> Iterator[None]:
    """Within the block, contexts that this thread builds of these users are as of now: read in one statement."""
    rows = _fetch(_OF_MANY, {"users": list(users)}, deadline)
    _ahead.rows = dict(zip(users, rows, strict=True))
    try:
        yield
    finally:
        _ahead.rows = {}


def build_context(
    request: Request, *, mix: Mix, arms: Mapping[str, str], model: LiveModel | None, deadline: Deadline
) -> Context:
    """The context; of a stranger where the catalog doesn't know the user. One round trip to Postgres."""
    row = _read(request.user, deadline.at_least(_CONTEXT_MS))
    return _context(row, request, mix=mix, arms=arms, model=model, deadline=deadline)


def strangers_context(request: Request, *, mix: Mix, model: LiveModel | None, deadline: Deadline) -> Context:
    """Of somebody of whom nothing is known, without asking Postgres. The request has no session."""
    return _context(("", *_STRANGER), request, mix=mix, arms={}, model=model, deadline=deadline)


def _context(
    row: tuple[Any, ...],
    request: Request,
    *,
    mix: Mix,
    arms: Mapping[str, str],
    model: LiveModel | None,
    deadline: Deadline,
) -> Context:
    snapshot, blocks, chance, user_id, age_group, location, language, *known = row
    version, count, events, friends, items, creators, tags, explored, followed_creators, chosen = known
    stored = unpack_history(events) if events else empty_history()
    history = with_session(stored, request.session, deadline)
    count += len(history) - len(stored)
    stated = _stated(chosen.tolist(), history, count, request.now)
    return Context(
        user_id=user_id,
        external_id=request.user,
        now=request.now,
        surface=request.surface,
        history=history,
        history_version=version,
        event_count=count,
        event_weights={**event_weights(), STATED_TYPE: stated.weight},
        friends=friends,
        blocked_items=items,
        blocked_creators=creators,
        blocked_tags=frozenset(tags),
        age_group=age_group,
        location=location,
        language=language,
        attributes=request.attributes,
        arms=arms,
        seed=_seed(request.user, mix.revision, request.surface),
        model=model,
        deadline=deadline,
        options={},
        explored=explored,
        followed_creators=followed_creators,
        snapshot=snapshot,
        blocks=blocks,
        chance=chance,
        keeps_vector=request.use_cache and not request.attributes and not request.session,
        stated=stated,
        rates=learning_rates(count, len(history), newcomers().rapid_learning),
    )


def _stated(interest_ids: list[int], history: History, event_count: int, now: datetime) -> Stated:
    first_event_s = int(history["occurred_at_s"][0]) if len(history) else int(now.timestamp())
    return stated_events(interest_ids, first_event_s=first_event_s, event_count=event_count)


def _read(user: str, deadline: Deadline) -> tuple[Any, ...]:
    if user in _ahead.rows:
        return _ahead.rows[user]
    [row] = _fetch(_OF_ONE, {"user": user}, deadline)
    return row


def _fetch(query: str, asked: Mapping[str, Any], deadline: Deadline) -> list[tuple[Any, ...]]:
    """The snapshot and the columns of each user; on the way the process learns which items changed."""
    values = {**asked, "seen": facts.position()}
    rows = ask(query, values, deadline, settings=_PLAN)
    for snapshot, unknown, changed, *_ in rows[:1]:
        facts.advance(snapshot, changed.tolist(), unknown=unknown)
    return [
        # What a transaction may roll back and what a standby sees can't be compared with what others see.
        ("" if standby or sees_uncommitted() else snapshot, *(user if user[2] is not None else _STRANGER))
        for snapshot, _, _, standby, *user in rows
    ]


def _seed(user: str, revision: int, surface: str) -> int:
    digest = hashlib.blake2b(f"{revision}\x1f{surface}\x1f{user}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")

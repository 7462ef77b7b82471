"""Everything a request knows of its user, read in one statement; sources never query it again."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from catalog.event_types import event_weights
from catalog.history import empty_history, unpack_history
from retrieval.deadline import Deadline
from retrieval.mixes import Mix
from retrieval.sql import hot_connection
from retrieval.types import Context, LiveModel, Request

# Without a context there is no answer at all, so it may take longer than a client's hasty deadline.
_CONTEXT_MS = 500

_QUERY = """
SELECT u.id, u.age_group, u.location, u.language,
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
       ARRAY(SELECT b.tag FROM catalog_block b WHERE b.user_id = u.id AND b.tag <> '')
FROM catalog_user u
LEFT JOIN catalog_userhistory h ON h.user_id = u.id
WHERE u.external_id = %s
"""
_STRANGER: tuple[Any, ...] = (0, "", "", "", 0, 0, None, [], [], [], [])


def build_context(
    request: Request, *, mix: Mix, arms: Mapping[str, str], model: LiveModel | None, deadline: Deadline
) -> Context:
    """The context; of a stranger where the catalog doesn't know the user. One round trip to Postgres."""
    with hot_connection(deadline.at_least(_CONTEXT_MS)) as connection:
        row = connection.execute(_QUERY, [request.user], binary=True).fetchone() or _STRANGER
    user_id, age_group, location, language, version, count, events, friends, items, creators, tags = row
    return Context(
        user_id=user_id,
        external_id=request.user,
        now=request.now,
        surface=request.surface,
        history=unpack_history(events) if events else empty_history(),
        history_version=version,
        event_count=count,
        event_weights=event_weights(),
        friends=np.array(friends, np.int64),
        blocked_items=np.array(items, np.int64),
        blocked_creators=np.array(creators, np.int64),
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
    )


def _seed(user: str, revision: int, surface: str) -> int:
    digest = hashlib.blake2b(f"{revision}\x1f{surface}\x1f{user}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")

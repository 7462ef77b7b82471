"""Makes trending anew from Postgres and swaps it in at once, without losing what arrives meanwhile.

While a rebuild reads, events are also written to a journal; at the swap those that its snapshot of Postgres did
not see yet are added to the new scores.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice

import orjson

from catalog.sql import Cursor
from retrieval import valkey
from retrieval.config import config
from retrieval.locks import sole_run
from retrieval.popularity import Landmark, fill_item_popularity
from retrieval.trending import keys
from retrieval.trending.rising import pack_usual
from retrieval.trending.scripts import OPEN_JOURNAL, SWAP

_WINDOW_TIME_CONSTANTS = 28  # older events are worth less than a millionth of a millionth
_AT_LEAST = 500
_LONGEST = 100_000
_LONGEST_CATEGORY = 500
_ENTRIES_PER_COMMAND = 1000
_USUAL_OF = 20_000  # of the hottest items it is known what is usual of them

_TOP = """
SELECT item.id, popularity.score, popularity.usual
FROM item_popularity popularity JOIN catalog_item item ON item.id = popularity.item_id AND item.active
ORDER BY popularity.score DESC, item.id LIMIT %s
"""
_TOP_BY_CATEGORY = """
SELECT category, array_agg(id), array_agg(score)
FROM (
    SELECT item.category, item.id, popularity.score,
           row_number() OVER (PARTITION BY item.category ORDER BY popularity.score DESC, item.id) AS place
    FROM item_popularity popularity JOIN catalog_item item ON item.id = popularity.item_id AND item.active
    WHERE item.category <> ''
) ranked
WHERE place <= %s GROUP BY category
"""
_SEEN = """
SELECT event_id FROM catalog_interaction
WHERE (occurred_at, event_id) IN (SELECT * FROM unnest(%s::timestamptz[], %s::text[]))
"""


def rebuild(now: datetime) -> int | None:
    """How many items trend as of `now`, of all events up to then; None where another rebuild is running.

    Raises CacheUnavailable; what was there before then stays.
    """
    with valkey.patient_client() as client:
        # Before the snapshot is taken: an event is in the snapshot, in the journal, or in both.
        client.eval(OPEN_JOURNAL, 1, keys.journal_key(), keys.JOURNAL_TTL_S)
        with sole_run("trending", one_snapshot=True) as raw:
            return None if raw is None else _rebuild(client, raw, now)


def _rebuild(client: valkey.GuardedRedis, raw: Cursor, now: datetime) -> int:
    landmark = fill_item_popularity(
        raw,
        now=now,
        time_constant_s=config().trending_time_constant_s,
        window_s=_WINDOW_TIME_CONSTANTS * config().trending_time_constant_s,
        at_least=_AT_LEAST,
    )
    count = _stage(client, raw, landmark, now)
    _swap(client, landmark, now, counted=_counted(client, raw))
    return count


def _stage(client: valkey.GuardedRedis, raw: Cursor, landmark: Landmark, now: datetime) -> int:
    staging = keys.staging_prefix()
    if leftovers := list(client.scan_iter(f"{_escaped(staging)}*", count=1000)):
        client.unlink(*leftovers)
    entries = raw.execute(_TOP, [_LONGEST]).fetchall()
    _zadd(client, staging + "all", ((item_id, score) for item_id, score, _ in entries))
    usual = [(item_id, amount) for item_id, _, amount in entries[:_USUAL_OF]]
    client.set(staging + "usual", pack_usual(usual, passed_s=(now - landmark.at).total_seconds()))
    for category, item_ids, scores in raw.execute(_TOP_BY_CATEGORY, [_LONGEST_CATEGORY]):
        _zadd(client, f"{staging}category:{category}", zip(item_ids, scores, strict=True))
        client.sadd(staging + "categories", category)
    return len(entries)


def _zadd(client: valkey.GuardedRedis, key: str, entries: Iterable[tuple[int, float]]) -> None:
    remaining = iter(entries)
    while chunk := {str(item_id): score for item_id, score in islice(remaining, _ENTRIES_PER_COMMAND)}:
        client.zadd(key, chunk)


def _counted(client: valkey.GuardedRedis, raw: Cursor) -> Sequence[str]:
    """The ids of journaled events that the snapshot holds, and so the staged scores."""
    journal = [orjson.loads(events) for events in client.lrange(keys.journal_key(), 1, -1)[1::2]]
    times = [datetime.fromtimestamp(t, UTC) for entry in journal for t in entry["t"]]
    raw.execute(_SEEN, [times, [event_id for entry in journal for event_id in entry["id"]]])
    return [event_id for (event_id,) in raw]


def _swap(client: valkey.GuardedRedis, landmark: Landmark, now: datetime, *, counted: Sequence[str]) -> None:
    staging = keys.staging_prefix()
    script_keys = [
        keys.state_key(),
        keys.all_key(),
        keys.categories_key(),
        keys.journal_key(),
        staging + "all",
        staging + "categories",
        keys.usual_key(),
        staging + "usual",
    ]
    client.eval(
        SWAP,
        len(script_keys),
        *script_keys,
        config().trending_time_constant_s,
        repr(landmark.at_s),
        repr(now.timestamp()),
        keys.category_prefix(),
        f"{staging}category:",
        *counted,
    )


def _escaped(text: str) -> str:
    """For a glob pattern."""
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in text)

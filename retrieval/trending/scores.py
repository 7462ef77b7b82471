"""Reads trending; the process keeps a copy for when Valkey is away."""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from retrieval import valkey
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.sets import among
from retrieval.sql import hot_connection
from retrieval.trending import keys
from retrieval.types import CacheUnavailable, Found, RetrievalError

_POPULAR_FRESH_S = 30.0
_COPY_LENGTH = 2000
_POSTGRES_PATIENCE_MS = 500
_LEAST = float(np.finfo(np.float32).tiny)
_MOST = float(np.finfo(np.float32).max)

_STATE = ["landmark", "rebuilt_at", "moves"]  # the same values: the same scores
_UNREAD: tuple[list[bytes | None], Found, int] = ([], Found.empty(), 0)
_checked_at = float("-inf")  # when the state was last found to be that of the answer, by time.monotonic()
_NEVER = (float("-inf"), Found.empty())
_copy: Found | None = None  # what trended when Valkey was last read
_answer = _UNREAD  # the state when it was read; what it was; for how many items it answers
_popular: tuple[float, Found] = _NEVER  # when it was read, by time.monotonic(); what it was
_left_behind = Found.empty()  # by another process, for one that has read neither


def top(k: int) -> Found:
    """At most `k` items, hottest first; scores are relative to the landmark and have no seed.

    Until the first rebuild after Valkey lost its data, the floor follows what events since then have made.
    Raises CacheUnavailable.
    """
    return _read(k)[1].head(k)


def top_since(k: int) -> tuple[Found, float | None]:
    """`top`, and the Unix time at which an event of weight 1 would add 1 to these scores; None before the first
    rebuild. Raises CacheUnavailable."""
    state, found = _read(k)
    landmark, rebuilt_at, _ = state
    return found.head(k), None if landmark is None or rebuilt_at is None else float(landmark)


def _read(k: int) -> tuple[list[bytes | None], Found]:
    """The state, and `k` items or more where there are more."""
    global _copy, _answer, _checked_at  # noqa: PLW0603  values of the process
    client = valkey.client()
    state, found, wanted = _answer
    # The list is long and moves less often than it is asked for: what was read last answers until it moves.
    if k <= wanted and _is_still(state):
        return state, found
    wanted = max(k, _COPY_LENGTH)
    pipeline = client.pipeline(transaction=False)
    pipeline.hmget(keys.state_key(), _STATE)
    pipeline.zrevrange(keys.all_key(), 0, wanted - 1, withscores=True)
    state, entries = pipeline.execute()
    found = _found(entries)
    if state[_STATE.index("rebuilt_at")] is None:
        return state, _followed_by(found, floor(k))
    _copy = found
    _checked_at = time.monotonic()
    # All there is answers for any k.
    _answer = (state, found, wanted if len(found) == wanted else sys.maxsize)
    return state, found


def top_of_categories(categories: Sequence[str], k: int) -> list[Found]:
    """The hottest `k` of each category, on the scale of `top`; one round trip. Raises CacheUnavailable."""
    if not categories or k < 1:
        return [Found.empty() for _ in categories]
    pipeline = valkey.client().pipeline(transaction=False)
    for category in categories:
        pipeline.zrevrange(keys.category_prefix() + category, 0, k - 1, withscores=True)
    return [_found(entries) for entries in pipeline.execute()]


def rebuilt_at() -> datetime | None:
    """When all of it was last made from Postgres; None where it never was. Raises CacheUnavailable."""
    said = valkey.client().hget(keys.state_key(), "rebuilt_at")
    return datetime.fromtimestamp(float(said), UTC) if said is not None else None


def floor(k: int) -> Found:
    """What can be served without Valkey: the process's copy, else the whole catalogue's top list, else nothing.
    Never raises."""
    return (_copy if _copy is not None else _most_popular()).head(k)


def take_floor_as_known(found: Found) -> None:
    """`floor` while Postgres is away, where this process has never read it."""
    global _left_behind  # noqa: PLW0603
    _left_behind = found


def forget_copy() -> None:
    """As a process that has never read trending."""
    global _copy, _answer, _popular, _checked_at, _left_behind  # noqa: PLW0603
    _copy, _answer, _popular, _checked_at = None, _UNREAD, _NEVER, float("-inf")
    _left_behind = Found.empty()


def _is_still(state: list[bytes | None]) -> bool:
    """Whether trending is in this state, or was a moment ago. Raises CacheUnavailable."""
    global _checked_at  # noqa: PLW0603
    now_s = time.monotonic()
    if now_s - _checked_at < config().trending_fresh_ms / 1000:
        return True
    same = bool(state == valkey.client().at_once("HMGET", keys.state_key(), *_STATE))
    if same:
        _checked_at = now_s
    return same


def _most_popular() -> Found:
    """The catalogue's top list, at most half a minute old unless Postgres is away."""
    global _popular  # noqa: PLW0603
    read_at, found = _popular
    if time.monotonic() - read_at < _POPULAR_FRESH_S:
        return found
    query = "SELECT item_ids, scores::real[] FROM retrieval_toplist WHERE kind = 'all' AND value = ''"
    try:
        with hot_connection(Deadline.after_ms(_POSTGRES_PATIENCE_MS)) as connection:
            row = connection.execute(query).fetchone()
    except RetrievalError:
        return _left_behind if _popular is _NEVER else found
    if row is None:
        return Found.empty()
    found = Found(row[0], row[1], np.zeros(len(row[0]), np.int64))
    _popular = (time.monotonic(), found)
    return found


def _found(entries: list[tuple[bytes, float]]) -> Found:
    if not entries:
        return Found.empty()
    members, scores = zip(*entries, strict=True)
    try:
        item_ids = np.array(members, np.bytes_).astype(np.int64)
    except ValueError as error:
        raise CacheUnavailable("Trending holds something that is no item id.") from error
    # A double spans more than a float32: very old and very hot items meet at its ends, still in order.
    clipped = np.clip(np.array(scores), _LEAST, _MOST).astype(np.float32)
    return Found(item_ids, clipped, np.zeros(len(item_ids), np.int64))


def _followed_by(found: Found, rest: Found) -> Found:
    """`found`, then what `rest` has besides, below everything found."""
    more = rest.item_ids[~among(rest.item_ids, np.sort(found.item_ids))]
    return Found(
        np.concatenate([found.item_ids, more]),
        np.concatenate([found.scores, np.full(len(more), _LEAST, np.float32)]),
        np.zeros(len(found) + len(more), np.int64),
    )

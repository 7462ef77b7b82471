"""Whole answers as bytes, for plain questions that somebody has asked already.

The bytes come from Valkey; whether they are still true, from Postgres, in one statement of a few keys: an event, a
block or an item that was taken down is in the next answer, whoever wrote it and whatever Valkey has lost.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from catalog.changes import CHANGES_SINCE
from coldstart.impressions.values import BANDIT
from retrieval import facts, keys, metrics
from retrieval.afterwards import later, settled
from retrieval.answer import Answer
from retrieval.arrays import load_bigints
from retrieval.config import config
from retrieval.context import BLOCKS, CHANCE
from retrieval.mixes import Draw, choose_mix
from retrieval.newcomers import arrivals_mark, still_stands
from retrieval.prepared import Prepared
from retrieval.sql import shares_django
from retrieval.stamps import Stamp, UnreadableCache
from retrieval.types import Ids
from retrieval.valkey import CacheUnavailable, client

_TIMEOUT_MS = 300
_MAGIC = b"HR4"
_HEADER = struct.Struct("<3sQ")  # magic, sum of all that follows
# The user's blocks, chance and standing; how many candidates, items and of the bandit; bytes of the draw and of the
# arms; level.
_SIZES = struct.Struct("<qqqIIIHH2s")
_NUMBER = struct.Struct(">q")
# Behind the candidates, whose texts have no quotation mark that is not escaped.
_WELL, _AWAY = b'"degraded":[]', b'"degraded":["postgres"]'
_STATEMENT = (
    """
SELECT <changes since>, pg_is_in_recovery(), u.id, coalesce(h.version, 0), <blocks>, <chance>
FROM (SELECT) AS always
LEFT JOIN catalog_user u ON u.external_id = $1
LEFT JOIN catalog_userhistory h ON h.user_id = u.id
""".replace("<changes since>", CHANGES_SINCE.replace("%(seen)s", "$2"))
    .replace("<blocks>", BLOCKS)
    .replace("<chance>", CHANCE)
)
_VERSIONS = Prepared(_STATEMENT, timeout_ms=_TIMEOUT_MS)


@dataclass(frozen=True, slots=True)
class Question:
    """All that a plain question says. fields: "full" or "ids"."""

    user: str
    k: int
    surface: str
    fields: str


@dataclass(frozen=True, slots=True)
class Ready:
    """tail: the answer's JSON without its opening brace, its request id and what it says of the cache.

    item_ids: ascending, the items on whose facts the answer rests. chance, standing: as in `Answer`; drawn: the items
    that the bandit put there; draw: the shares of the sources that chance chose. arms: as `Answer.counts_for`.
    """

    tail: bytes | memoryview
    count: int
    level: str  # of the candidates: L1 or L3
    stamp: Stamp
    blocks: int
    chance: int
    standing: int
    item_ids: Ids
    drawn: Ids
    draw: Draw | None = None
    arms: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """ready: None on a miss. others: what Valkey said to the caller's own commands, in order. early: the answer is
    there, but it is for this request to make it anew."""

    ready: Ready | None
    others: Sequence[Any]
    early: bool = False


def find(question: Question, *commands: Sequence[str | int]) -> Found:
    """The answer, if it is true at this moment; `commands` are run in the same round trip to Valkey.

    Raises RetrievalError where a store is away, InvalidMix where no mix is published.
    """
    key, seen = _key(question), facts.position()
    settled(key)
    # Both stores at once: what one says is compared with what the other does, in whatever order they say it.
    with _VERSIONS.asked(question.user.encode(), seen.encode() if seen else None) as answering:
        try:
            *others, packed = client().together(*commands, ("GET", key))
        except CacheUnavailable:
            metrics.CACHE.labels("ready", "error").inc()
            raise
        versions = answering.row()
    ready, reason = _unpacked(packed)
    if ready is not None:
        reason = _why_not(ready, versions)
    metrics.CACHE.labels("ready", "miss" if reason else "hit").inc()
    if not reason:
        return Found(ready, others)
    metrics.CACHE_MISSES.labels("ready", reason).inc()
    return Found(None, others, early=reason == "early")


def by_heart(question: Question, *commands: Sequence[str | int]) -> Found:
    """The answer as it was when it could last be checked, for as long as it is fresh, while Postgres is away: marked as
    degraded, and never with an item that this process knows to have changed. `commands` as in `find`.

    Raises CacheUnavailable, and InvalidMix where no mix is known.
    """
    *others, packed = client().together(*commands, ("GET", _key(question)))
    if isinstance(packed, Exception):
        raise CacheUnavailable(f"Valkey: {packed}")
    ready, _ = _unpacked(packed)
    if ready is None or ready.stamp.expired() or facts.touched_since(ready.stamp.snapshot, ready.item_ids):
        return Found(None, others)
    before, well, after = bytes(ready.tail).rpartition(_WELL)
    if not well:
        return Found(None, others)
    return Found(replace(ready, tail=b"".join([before, _AWAY, after])), others)


def enabled() -> bool:
    """Where the request path shares Django's connection, nothing that it sees may be told to others."""
    return config().ready_answers and not shares_django()


def keep(question: Question, answer: Answer, stamp: Stamp, tail: bytes) -> None:
    """Keeps the answer for as long as its candidates are fresh, with the new items in it. stamp: the answer's; tail:
    as in `Ready`."""
    ttl_ms = int(stamp.left_s() * 1000)
    if ttl_ms <= 0 or answer.standing is None:
        return
    level = "L3" if answer.cache.level == "L3" else "L1"
    ready = Ready(
        tail=tail,
        count=len(answer.pool),
        level=level,
        stamp=stamp,
        blocks=answer.blocks,
        chance=answer.chance,
        standing=answer.standing,
        item_ids=answer.facts.item_ids,
        drawn=np.array([p.item_id for p in answer.placements if p.source == BANDIT], np.int64),
        draw=answer.draw,
        arms=answer.counts_for,
    )
    # Of what served this answer: an experiment may have begun or ended since.
    key = _key_of(question, answer.mix_key, answer.model_version, answer.arms)
    later(key, partial(_store, key, ready, ttl_ms))


def _store(key: str, ready: Ready, ttl_ms: int) -> None:
    try:
        client().at_once("SET", key, pack(ready), "PX", ttl_ms)
    except CacheUnavailable:
        metrics.CACHE.labels("ready", "error").inc()


def pack(ready: Ready) -> bytes:
    draw = ready.draw.packed() if ready.draw else b""
    body = b"".join(
        [
            _SIZES.pack(
                ready.blocks,
                ready.chance,
                ready.standing,
                ready.count,
                len(ready.item_ids),
                len(ready.drawn),
                len(draw),
                len(ready.arms),
                ready.level.encode(),
            ),
            ready.stamp.packed(),
            draw,
            ready.arms,
            ready.item_ids.astype("<i8").tobytes(),
            ready.drawn.astype("<i8").tobytes(),
            ready.tail,
        ]
    )
    return _HEADER.pack(_MAGIC, _sum(body)) + body


def unpack(packed: bytes) -> Ready:
    """Raises UnreadableCache for anything but what `pack` wrote."""
    try:
        magic, checksum = _HEADER.unpack_from(packed)
        if magic != _MAGIC or _sum(memoryview(packed)[_HEADER.size :]) != checksum:
            raise UnreadableCache("not ours, or damaged")
        sizes = _SIZES.unpack_from(packed, _HEADER.size)
        blocks, chance, standing, count, n, n_drawn, of_draw, of_arms, level = sizes
        stamp, at = Stamp.unpacked(packed, _HEADER.size + _SIZES.size)
        draw = Draw.unpacked(packed[at : at + of_draw]) if of_draw else None
        at += of_draw
        arms = packed[at : at + of_arms]
        at += of_arms
        item_ids = np.frombuffer(packed, "<i8", n, at)
        drawn = np.frombuffer(packed, "<i8", n_drawn, at + 8 * n)
        tail = memoryview(packed)[at + 8 * (n + n_drawn) :]
        return Ready(
            tail, count, level.decode(), stamp, blocks, chance, standing, item_ids, drawn, draw, arms
        )
    except (struct.error, ValueError) as error:
        raise UnreadableCache(str(error)) from error


def _key(question: Question) -> str:
    """Of what serves the user at this moment."""
    choice = choose_mix(question.user, question.surface)
    return _key_of(question, choice.mix.key, choice.model.version if choice.model else 0, choice.arms)


def _key_of(question: Question, mix: str, model: int, arms: Mapping[str, str]) -> str:
    return keys.ready_key(
        question.user,
        mix=mix,
        model=model,
        k=question.k,
        surface=question.surface,
        fields=question.fields,
        arms=arms,
    )


def _unpacked(packed: object) -> tuple[Ready | None, str]:
    if not isinstance(packed, bytes):
        return None, "absent"
    try:
        return unpack(packed), ""
    except UnreadableCache:
        return None, "unreadable"


def _why_not(ready: Ready, versions: Sequence[bytes | None]) -> str:
    """Why the answer is not true now, or not fresh; "" where it is."""
    stamp = ready.stamp
    snapshot, unknown, changed, standby, user_id, version, blocks, chance = versions
    facts.advance((snapshot or b"").decode(), load_bigints(changed or b"").tolist(), unknown=unknown != b"\0")
    touched = facts.touched_since(stamp.snapshot, ready.item_ids)
    reasons = {
        "standby": standby != b"\0",
        "user": stamp.user_id != _number(user_id),
        "history": stamp.history_version != _number(version),
        "blocks": ready.blocks != _number(blocks),
        "catalogue": touched is True,
        # Changes before this process began, or too many to remember.
        "unknown": touched is None,
        # What was drawn for this user has been shown, and is drawn anew.
        "shown": ready.chance != _number(chance),
        "trials": not still_stands(stamp.user_id, ready.standing, ready.drawn),
        "new items": stamp.made_at_s < arrivals_mark(),
        "expired": stamp.expired(),
        "early": stamp.due_early(),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _number(value: bytes | None) -> int:
    return 0 if value is None else int(_NUMBER.unpack(value)[0])


def _sum(data: bytes | memoryview) -> int:
    """Changes with any one byte, and costs a tenth of a CRC."""
    whole = len(data) // 8
    words = np.frombuffer(data, "<u8", whole)
    return (int(words.sum(dtype=np.uint64)) + int.from_bytes(data[8 * whole :], "little") + len(data)) % 2**64

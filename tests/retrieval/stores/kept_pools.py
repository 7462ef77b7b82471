"""What Ann is shown in the small world, and what is kept of it."""

from dataclasses import replace

from retrieval import cache
from retrieval.answer import Answer
from retrieval.service import ask
from retrieval.types import Request
from retrieval.valkey import client
from tests.worlds import NOW

ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}
REQUEST = Request(user="ann", k=100, now=NOW, deadline_ms=60_000)


def films(answer: Answer) -> set[str]:
    return {answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)}


def key_of(request: Request = REQUEST) -> str:
    asked = ask(request)
    return cache.look(request, asked.context, mix=asked.mix.key).key


def age(key: str, *, by_s: float) -> None:
    """Makes what is kept older, as if it had been kept so much earlier."""
    kept = cache.unpack(client().get(key))
    stamp = replace(
        kept.stamp, made_at_s=kept.stamp.made_at_s - by_s, expires_at_s=kept.stamp.expires_at_s - by_s
    )
    cache.keep(key, replace(kept, stamp=stamp), ttl_s=60)

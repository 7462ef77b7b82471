"""From a mix to one ordered pool: which sources are asked for how many, and the second round for a short answer."""

import math
from collections.abc import Iterable

from retrieval import trending
from retrieval.drawing import catalogue
from retrieval.merging import Order, append_pool, blend, merge
from retrieval.mixes import Mix, Slot
from retrieval.runner import Call, run
from retrieval.source import DrawsAtRandom, all_sources
from retrieval.types import Context, InvalidRequest, Pool, Request, RetrievalError, SourceReport

QUOTAS_ARE_OF = 1000  # a mix states its quotas for an answer of 1000
FILL_AT_MOST = 5000
# A short answer is merged from lists that are as deep as for one of this length: in its few places the sources' tails
# decide, and what they say of the same item counts only where each of them got that far.
DEEP_ENOUGH = 600
# Beyond this a larger search costs more than it finds; the fill round is there for the rest.
KNOWN_AT_MOST = 500
_LARGE = 20  # times what was found already


def planned_calls(mix: Mix, request: Request, *, known: int) -> list[Call]:
    """One call per source of the mix, or per source that the request names. Raises InvalidRequest.

    known: how many items the filters will remove because the user has seen them. The sources propose these first
    of all, so each is asked for as many more: else who does a lot is left with what anybody gets.
    """
    if unknown := [name for name in request.sources if name not in all_sources()]:
        raise InvalidRequest("sources", f"{unknown[0]!r} is no source: use {', '.join(all_sources())}.")
    slots = [mix.slot(name) for name in request.sources] or list(mix.slots)
    # A source that is asked for alone must be able to fill the answer.
    alone = len(slots) == 1
    more = min(known, KNOWN_AT_MOST)
    if alone:
        return [_call(slot, math.ceil(request.k * mix.overfetch) + more) for slot in slots]
    deep = max(request.k * mix.overfetch, DEEP_ENOUGH)
    return [_call(slot, math.ceil(slot.quota * deep / QUOTAS_ARE_OF) + more) for slot in slots]


def gather(calls: list[Call], mix: Mix, context: Context, *, began: float) -> tuple[Pool, list[SourceReport]]:
    """Everything the sources found, merged and best first; nothing cut."""
    found, reports = run(calls, context, began=began)
    known = context.history["item_id"]
    if not mix.parts:
        return merge(
            found, order_of([call.source.name for call in calls], mix, context), known=known
        ), reports
    orders = [
        (order_of([slot.name for slot in part.mix.slots], part.mix, context), part.share)
        for part in mix.parts
    ]
    return blend(found, orders, known=known), reports


def order_of(names: Iterable[str], mix: Mix, context: Context) -> Order:
    """How the mix orders what these sources found."""
    slots = {name: mix.slot(name) for name in names}
    return Order(
        name=mix.merge,
        quotas={name: float(slot.quota) for name, slot in slots.items()},
        weights={name: slot.weight for name, slot in slots.items()},
        coefficients={name: mix.coefficients(name, event_count=context.event_count) for name in slots},
        bias=mix.bias,
        seed=context.seed,
    )


def fill_pool(
    pool: Pool, mix: Mix, context: Context, *, missing: int, began: float
) -> tuple[Pool, list[SourceReport]]:
    """The pool, followed by what the mix's fill sources add, in turn; asked generously, as most may be known."""
    ask = 3 * missing + 100
    calls = [
        _call(mix.slot(name), min(ask + _in_pool_already(name, pool, context), FILL_AT_MOST))
        for name in mix.fill
    ]
    found, reports = run(calls, context, began=began)
    return append_pool(pool, merge(found, Order.even("round_robin", found, seed=context.seed))), reports


def _in_pool_already(name: str, pool: Pool, context: Context) -> int:
    """How many of what the source proposes may be: of what it draws from a large catalogue next to none, and each draw
    costs a page of an index."""
    source = all_sources()[name]
    if not (isinstance(source, DrawsAtRandom) and source.draws_at_random):
        return len(pool)
    try:
        known = catalogue(context.deadline)
    except RetrievalError:
        return len(pool)  # the source itself will say what is wrong
    is_large = known is not None and known.greatest - known.least > _LARGE * len(pool)
    return 0 if is_large else len(pool)


def _call(slot: Slot, k: int) -> Call:
    return Call(all_sources()[slot.name], k, slot.limit_ms, slot.options)


def floor_pool(k: int) -> Pool:
    """What can be served when every source failed: what trended when it was last read, else what is popular."""
    return merge({"trending": trending.floor(k)}, Order.even("round_robin", ["trending"]))

"""From newcomer to regular: one mix gives way to the other as events come."""

from dataclasses import replace
from math import exp

from coldstart.maturity import maturity
from retrieval.mixes.factoring import weighted
from retrieval.mixes.mix import Mix, Part, Slot
from retrieval.mixes.store import mix_by_revision

# From here on the newcomers' mix would fill one place in a hundred; it is left out.
_MATURE = 0.99
# Below this part of its weight a source changes nothing any more.
_FADED = 0.02


def mature_share(mix: Mix, *, event_count: int, interests: int) -> float:
    """The share of an answer that the mix itself fills, 0 to 1, for a user with so many events who chose so many
    interests; 1 where it has nothing for newcomers."""
    if mix.newcomers is None:
        return 1.0
    share = maturity(_known(mix, event_count, interests), scale_events=mix.newcomers.maturity_events)
    return share if share < _MATURE else 1.0


def matured(mix: Mix, *, event_count: int, interests: int) -> Mix:
    """The mix as it is for this user: without what has faded; itself, or made of two.

    Of two, sources run once for both, with the larger quota; caps, what is seen and fill are those of `mix`, as is its
    revision: a cache key needs no more, because the history's version moves with events and answers.
    """
    share = mature_share(mix, event_count=event_count, interests=interests)
    mix = _faded(mix, _known(mix, event_count, interests))
    if mix.newcomers is None or share == 1.0:
        return mix
    beside = mix_by_revision(mix.newcomers.revision)
    # Whom nothing is known of needs none of the normal mix's sources.
    slots = _both(mix, beside) if share > 0 else beside.slots
    return replace(mix, slots=slots, parts=(Part(mix, share), Part(beside, 1.0 - share)))


def _known(mix: Mix, event_count: int, interests: int) -> float:
    """In events: a chosen interest is worth some."""
    return event_count + interests * (mix.newcomers.interest_worth_events if mix.newcomers else 0.0)


def _faded(mix: Mix, known: float) -> Mix:
    """Without the sources that have faded for this user, the others with what is left of their weight."""
    if all(slot.fade_events is None for slot in mix.slots):
        return mix
    left = [(slot, exp(-known / slot.fade_events) if slot.fade_events else 1.0) for slot in mix.slots]
    return replace(mix, slots=tuple(weighted(slot, part) for slot, part in left if part > _FADED))


def _both(mix: Mix, beside: Mix) -> tuple[Slot, ...]:
    """Each source once, as `mix` has it where it does."""
    quotas = {slot.name: slot.quota for slot in beside.slots}
    shared = tuple(replace(slot, quota=max(slot.quota, quotas.get(slot.name, 0))) for slot in mix.slots)
    named = {slot.name for slot in shared}
    return shared + tuple(slot for slot in beside.slots if slot.name not in named)

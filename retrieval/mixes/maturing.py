"""From newcomer to regular: one mix gives way to the other as events come."""

from dataclasses import replace
from math import exp

from coldstart.maturity import maturity
from retrieval.mixes.factoring import weighted, weighted_segment
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


def matured(mix: Mix, *, event_count: int, interests: int, has_model: bool) -> Mix:
    """The mix as it is for this user: without what has faded; itself, or made of two. has_model: whether a version is
    live; where none is, nothing fades, since nothing has learned what would stand in its place.

    Of two, sources run once for both, with the larger quota; caps, what is seen and fill are those of `mix`, as is its
    revision: a cache key needs no more, because the history's version moves with events and answers.
    """
    share = mature_share(mix, event_count=event_count, interests=interests)
    mix = _faded(mix, event_count=event_count, interests=interests) if has_model else mix
    if mix.newcomers is None or share == 1.0:
        return mix
    beside = mix_by_revision(mix.newcomers.revision)
    # Whom nothing is known of needs none of the normal mix's sources.
    slots = _both(mix, beside) if share > 0 else beside.slots
    return replace(mix, slots=slots, parts=(Part(mix, share), Part(beside, 1.0 - share)))


def _faded(mix: Mix, *, event_count: int, interests: int) -> Mix:
    """The mix without the sources that have faded for this user, so that nobody asks them, the others with what is left
    of their weight."""
    left = fading(mix, event_count=event_count, interests=interests)
    if all(part == 1.0 for part in left.values()):
        return mix
    return replace(
        mix,
        slots=tuple(weighted(slot, left[slot.name]) for slot in mix.slots if left[slot.name]),
        segments=tuple(weighted_segment(segment, left) for segment in mix.segments),
    )


def fading(mix: Mix, *, event_count: int, interests: int) -> dict[str, float]:
    """By source what is left of its weight for this user, 1 where it doesn't fade; 0 where it has faded."""
    known = _known(mix, event_count, interests)
    left = {slot.name: exp(-known / slot.fade_events) if slot.fade_events else 1.0 for slot in mix.slots}
    return {name: part if part > _FADED else 0.0 for name, part in left.items()}


def _known(mix: Mix, event_count: int, interests: int) -> float:
    """In events: a chosen interest is worth some."""
    return event_count + interests * (mix.newcomers.interest_worth_events if mix.newcomers else 0.0)


def _both(mix: Mix, beside: Mix) -> tuple[Slot, ...]:
    """Each source once, as `mix` has it where it does."""
    quotas = {slot.name: slot.quota for slot in beside.slots}
    shared = tuple(replace(slot, quota=max(slot.quota, quotas.get(slot.name, 0))) for slot in mix.slots)
    named = {slot.name for slot in shared}
    return shared + tuple(slot for slot in beside.slots if slot.name not in named)

"""An answer as events: the items that stand for each chosen interest, as if the person had engaged with them.

So every source serves a person who has done nothing yet, with no special case. They weigh less and less as real events
come, and are no history: nothing is hidden because of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp

import numpy as np

from catalog.history import HISTORY_DTYPE, History, empty_history
from coldstart.config import newcomers
from coldstart.interests.reading import KnownInterest, all_interests

# No event type has it: ids of types begin at 1.
STATED_TYPE = 0
# Below this share of its first weight an answer no longer counts.
_LEAST_FADE = 0.02


@dataclass(frozen=True, slots=True)
class Stated:
    """interests: what was chosen, in order, whether it still counts or not; events: HISTORY_DTYPE [n] of STATED_TYPE,
    each of `weight`; names: the chosen interest's name by each of these items."""

    interests: tuple[KnownInterest, ...] = ()
    events: History = field(default_factory=empty_history)
    weight: float = 0.0
    names: Mapping[int, str] = field(default_factory=dict)


NOTHING_STATED = Stated()


def stated_events(interest_ids: Sequence[int], *, first_event_s: int, event_count: int) -> Stated:
    """What an answer says of a person with `event_count` events, the first of them at `first_event_s`, Unix time: the
    answer comes just before it."""
    known = all_interests() if len(interest_ids) else {}
    interests = tuple(known[one] for one in interest_ids if one in known)
    fade = exp(-event_count / newcomers().survey_fade_events)
    if not interests or fade < _LEAST_FADE:
        return Stated(interests)
    names: dict[int, str] = {}
    for interest in interests:
        for item_id in interest.representatives[: newcomers().representatives]:
            names.setdefault(item_id, interest.name)
    events = np.zeros(len(names), HISTORY_DTYPE)
    events["item_id"] = list(names)
    events["occurred_at_s"] = first_event_s - 1
    events["type_id"] = STATED_TYPE
    events["value"] = events["dwell_s"] = np.nan
    return Stated(interests, events, newcomers().survey_weight * fade, names)

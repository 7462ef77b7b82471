"""How many users it takes to see an effect, and when they will be there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from experiments.statistics.boundaries import drift_for
from experiments.statistics.comparing import ALPHA, tuned

LOOKS = 14
# More looks cost hardly more users than so many, and seconds to reckon with.
MOST_LOOKS = 30


@dataclass(frozen=True, slots=True)
class Plan:
    """Users of both arms together that it takes: at one look in the end, at a look a day until a planned end, and when
    looking at any time."""

    at_end: int
    daily: int
    any_time: int


def plan(
    *,
    mean: float,
    variance: float,
    effect: float,
    share: float = 0.5,
    power: float = 0.8,
    alpha: float = ALPHA,
    looks: int = LOOKS,
) -> Plan:
    """looks: how many days are planned; effect: relative, 0.02 for +2 %; variance: of one user, after the pre-period is
    taken out; share: of the users that the treatment gets, of its own and the control's. Raises ValueError where there
    is nothing to see."""
    difference = abs(mean * effect)
    if not difference or not 0 < share < 1 or variance <= 0:
        raise ValueError("An effect, a mean and a variance above 0 are needed, and users in both arms.")
    for_power = float(special.ndtri(power))
    once = float(special.ndtri(1 - alpha / 2)) + for_power
    # Half the interval in standard errors, where it is tightest: see `sequential`.
    ratio = tuned(alpha)
    always = math.sqrt((1 + 1 / ratio) * (math.log(1 + ratio) - 2 * math.log(alpha))) + for_power
    # Who does more by a tenth also varies more by a tenth: of that arm a little more users are needed.
    per_square = variance * (1 / (1 - share) + (1 + abs(effect)) ** 2 / share) / difference**2
    daily = drift_for(round(power, 3), alpha, min(looks, MOST_LOOKS))
    return Plan(*(math.ceil(drift**2 * per_square) for drift in (once, daily, always)))


def days_until(users: int, users_by_day: Sequence[int], traffic: float) -> int | None:
    """On which day, from 1, so many users have come; None where not within the days that are known and as many again
    at the rate of their second half. users_by_day: distinct users of all, within 1, 2, … days; traffic: 0 to 1."""
    known = [seen * traffic for seen in users_by_day]
    for day, seen in enumerate(known, 1):
        if seen >= users:
            return day
    half = len(known) // 2
    rate = (known[-1] - known[half - 1]) / (len(known) - half) if half else 0.0
    if rate <= 0:
        return None
    more = math.ceil((users - known[-1]) / rate)
    return len(known) + more if more <= _FURTHEST_DAYS else None


_FURTHEST_DAYS = 365

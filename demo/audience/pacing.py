"""How fast the audience asks: lively while somebody has just started the demo, then calm; slower for who is busy."""

import math
import random

# Halved every five minutes down to a twentieth: a night at the first rate would be a million impressions.
_HALVED_EVERY_S = 300.0
_CALM = 1 / 20
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class Pace:
    """rate_per_s: of the first moments, in answers asked for per second."""

    def __init__(self, rate_per_s: float, rng: random.Random) -> None:
        self._rate_per_s = rate_per_s
        self._rng = rng
        self._failures = 0

    def rate_per_s(self, running_s: float) -> float:
        return self._rate_per_s * max(math.exp2(-running_s / _HALVED_EVERY_S), _CALM)

    def until_next_s(self, running_s: float) -> float:
        """A Poisson process: nobody waits for anybody. Also says that the last one went well."""
        self._failures = 0
        return self._rng.expovariate(self.rate_per_s(running_s))

    def after_failure_s(self, asked_for_s: float) -> float:
        """Twice as long each time, up to a minute, and never less than the answer asked for."""
        pause_s = min(_FIRST_PAUSE_S * 2.0**self._failures, _LONGEST_PAUSE_S)
        self._failures = min(self._failures + 1, 10)
        return max(pause_s, asked_for_s)

"""How trending stands: when it was rebuilt, how much is in it, and what its scores are worth by now."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from retrieval import valkey
from retrieval.config import config
from retrieval.trending import keys
from retrieval.types import Scores


@dataclass(frozen=True, slots=True)
class Standing:
    """rebuilt_at: None before the first rebuild since Valkey lost its data; landmark_at: when an event of weight 1
    would add 1 to a score, None before any; moves: grows whenever a score does; categories: with a list of their own,
    by name."""

    rebuilt_at: datetime | None
    landmark_at: datetime | None
    moves: int
    items: int
    categories: tuple[str, ...]
    time_constant_s: float

    def worth(self, scores: Scores, now: datetime) -> NDArray[np.float64]:
        """float64 [n]: weights of events as they have faded by `now`. scores: relative to the landmark."""
        if self.landmark_at is None:
            return scores.astype(np.float64)
        passed = (now - self.landmark_at).total_seconds() / self.time_constant_s
        faded: NDArray[np.float64] = scores.astype(np.float64) * np.exp(-np.clip(passed, -80.0, 600.0))
        return faded


def standing(*, most_categories: int = 200) -> Standing:
    """One round trip. Raises CacheUnavailable."""
    pipeline = valkey.client().pipeline(transaction=False)
    pipeline.hmget(keys.state_key(), ["landmark", "rebuilt_at", "moves"])
    pipeline.zcard(keys.all_key())
    pipeline.smembers(keys.categories_key())
    (landmark, rebuilt_at, moves), items, categories = pipeline.execute()
    return Standing(
        rebuilt_at=_moment(rebuilt_at),
        landmark_at=_moment(landmark),
        moves=int(moves or 0),
        items=int(items),
        categories=tuple(sorted(name.decode() for name in categories)[:most_categories]),
        time_constant_s=float(config().trending_time_constant_s),
    )


def _moment(seconds: bytes | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)

"""Mixes for other ends than the default one's, each served on the surface of its name from the start."""

from typing import Any

from retrieval.mixes.mix import DEFAULT_BODY


def _slot(name: str, quota: int, weight: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "quota": quota, "weight": weight, "limit_ms": 150, **more}


def _by_rank(name: str, quota: int, weight: float) -> dict[str, Any]:
    """Counts by its order alone: fading levels are so far apart that in deviations only the first few would count."""
    return _slot(name, quota, weight, calibration={"present": 0.0, "score": 0.0, "rank": weight})


_CALIBRATED: dict[str, Any] = {"merge": "calibrated", "bias": -6.0}

# For what is old tomorrow: what everybody turns to now, what has just come, and what of it people of one's own taste
# turned to.
FRESH_BODY: dict[str, Any] = {
    "sources": [
        _by_rank("trending", 600, 1.0),
        _by_rank("fresh", 400, 0.5),
        _by_rank("rising", 200, 0.1),
        _by_rank("neighbors", 300, 0.3),
        _slot("fresh_follows", 50, 0.3),
        _slot("co_watch", 200, 0.1),
        _slot("content", 200, 0.05),
    ],
    **_CALIBRATED,
    "caps": {"creator_share": 0.3},
    "fill": ["trending", "fresh", "explore"],
}

# Half what fits the user's several tastes away from the beaten track, half what chance brings, mostly from the tail.
DISCOVERY_BODY: dict[str, Any] = {
    "sources": [
        _slot("interest_clusters", 200, 1.0),
        _slot("random_walks", 150, 1.0),
        _slot("content", 150, 1.0),
        _slot("rising", 100, 1.0),
        _slot("long_tail", 300, 1.0),
        _slot("explore", 100, 1.0),
    ],
    "merge": "quotas",
    "caps": {"creator_share": 0.05, "category_share": 0.3, "tag_share": 0.4, "explore_share": 0.3},
    "fill": ["long_tail", "explore", "trending"],
}

# More like what was just looked at: told with a session of that one item, it is a "more like this".
SIMILAR_BODY: dict[str, Any] = {
    "sources": [
        _slot("content", 400, 1.0),
        _slot("co_engagement", 400, 0.8, options={"step_decay": 0.5}),
        _slot("interest_clusters", 300, 0.5, options={"likes": 20, "clusters": 3, "step_decay": 0.5}),
        _slot("co_watch", 300, 0.5),
        _slot("random_walks", 200, 0.3, options={"step_decay": 0.5}),
    ],
    **_CALIBRATED,
    "fill": ["trending", "explore"],
}

# By surface: what it serves, and the note of its revision.
SHIPPED: dict[str, tuple[dict[str, Any], str]] = {
    "balanced": (DEFAULT_BODY, "The default mix under its name."),
    "fresh": (FRESH_BODY, "For news: what is hot and what has just come."),
    "discovery": (DISCOVERY_BODY, "For finding something else: several tastes, the long tail, chance."),
    "similar": (SIMILAR_BODY, "For more like this: close to what was looked at last."),
}

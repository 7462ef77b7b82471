"""Mixes with a bandit, small enough to see what each arm does."""

from typing import Any

from retrieval.mixes import create_revision, parse_mix, publish
from retrieval.mixes.mix import Mix

ARMS = {"usual": {}, "hot": {"trending": 4}, "alike": {"content": 2, "trending": 0}}


def body(**bandit: Any) -> dict[str, Any]:
    """Content and trending, both asked for a hundred; arms ARMS, unless said otherwise."""
    return {
        "sources": [
            {"name": "content", "quota": 100, "weight": 1.0, "limit_ms": 10_000},
            {"name": "trending", "quota": 100, "weight": 0.5, "limit_ms": 10_000},
        ],
        "merge": "calibrated",
        "bandit": {"arms": ARMS, **bandit},
    }


def mix(revision: int = 1, **bandit: Any) -> Mix:
    return parse_mix(body(**bandit), revision)


def publish_mix(**bandit: Any) -> int:
    """Its revision."""
    revision = create_revision(body(**bandit), note="Three ways.").number
    publish(revision)
    return revision

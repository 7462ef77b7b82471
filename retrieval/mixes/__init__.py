"""A mix: which sources run, with which quotas, and how their candidates become one list. Data, not code."""

from retrieval.mixes.choice import choose_mix
from retrieval.mixes.mix import DEFAULT_BODY, Caps, Coefficients, InvalidMix, Mix, Segment, Slot
from retrieval.mixes.parsing import parse_mix
from retrieval.mixes.store import (
    create_revision,
    ensure_published,
    forget_cached_mixes,
    mix_by_revision,
    publish,
    published_mix,
)

__all__ = [
    "DEFAULT_BODY",
    "Caps",
    "Coefficients",
    "InvalidMix",
    "Mix",
    "Segment",
    "Slot",
    "choose_mix",
    "create_revision",
    "ensure_published",
    "forget_cached_mixes",
    "mix_by_revision",
    "parse_mix",
    "publish",
    "published_mix",
]

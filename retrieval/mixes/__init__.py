"""A mix: which sources run, with which quotas, and how their candidates become one list. Data, not code."""

from retrieval.mixes.bandit import Bandit, Draw, Factors
from retrieval.mixes.changes import line_of, note, revisions_of, surface_of, was_served
from retrieval.mixes.choice import Choice, choose_mix, with_cold_start
from retrieval.mixes.factoring import with_draw
from retrieval.mixes.maturing import fading, mature_share, matured
from retrieval.mixes.mix import (
    DEFAULT_BODY,
    NEWCOMERS_BODY,
    Caps,
    Coefficients,
    InvalidMix,
    Mix,
    Newcomers,
    Part,
    Segment,
    Slot,
)
from retrieval.mixes.parsing import parse_mix
from retrieval.mixes.proposals import NotPossible, approve, cancel, propose, publish_due
from retrieval.mixes.shipped import SHIPPED
from retrieval.mixes.store import (
    SESSIONS,
    check_mix,
    create_revision,
    ensure_published,
    forget_cached_mixes,
    mix_by_revision,
    publish,
    published_bodies,
    published_mix,
    shipped_body,
    take_mixes_as_known,
)

__all__ = [
    "DEFAULT_BODY",
    "NEWCOMERS_BODY",
    "SESSIONS",
    "SHIPPED",
    "Bandit",
    "Caps",
    "Choice",
    "Coefficients",
    "Draw",
    "Factors",
    "InvalidMix",
    "Mix",
    "Newcomers",
    "NotPossible",
    "Part",
    "Segment",
    "Slot",
    "approve",
    "cancel",
    "check_mix",
    "choose_mix",
    "create_revision",
    "ensure_published",
    "fading",
    "forget_cached_mixes",
    "line_of",
    "mature_share",
    "matured",
    "mix_by_revision",
    "note",
    "parse_mix",
    "propose",
    "publish",
    "publish_due",
    "published_bodies",
    "published_mix",
    "revisions_of",
    "shipped_body",
    "surface_of",
    "take_mixes_as_known",
    "was_served",
    "with_cold_start",
    "with_draw",
]

"""Which new items one answer tries on its user: those of the user's share, then what the bandit draws. Pure."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldstart.bandit.budget import opening
from coldstart.bandit.thompson import pick
from coldstart.exploration.arms import Bandit, Ids, Newcomers, Trials
from coldstart.exploration.config import ExplorationConfig
from coldstart.exploration.hashing import explorers, uniform, user_hash
from coldstart.impressions.values import BANDIT, NEW_ITEMS

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Person:
    """Whom new items are tried on. never: int64 [n], ascending, items that this user must not be shown;
    blocked_creators: int64 [m], in any order; segment: of the bandit, "" for none."""

    user_id: int
    never: Ids
    blocked_creators: Ids
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One new item to be shown; `propensity`: with which probability it was chosen."""

    item_id: int
    source: str
    propensity: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """In the order in which they take their places. `untouched`: the probability with which the bandit's places stay
    as they are, where they do this time; None where chance had no say."""

    choices: tuple[Choice, ...] = ()
    untouched: float | None = None


NOTHING = Chosen()
_NOBODY = np.empty(0, np.int64)


def choose(
    newcomers: Newcomers, person: Person, *, k: int, now_s: int, request_id: str, rules: ExplorationConfig
) -> Chosen:
    """The same for the same request of the same user. Nothing for who is unknown: it could not be remembered that
    an item was tried; and nothing while exploration has spent its budget."""
    if not person.user_id or not len(newcomers) or newcomers.spent.exceeds(rules.budget):
        return NOTHING
    seed = zlib.crc32(request_id.encode())
    tried = _of_share(newcomers.trials, person, now_s=now_s, seed=seed, slots=rules.slots)
    bandit = newcomers.bandit
    allowed = arms_for(bandit, person, now_s)
    for choice in tried:
        allowed &= bandit.item_ids != choice.item_id
    if not rules.bandit_slots or not allowed.any():
        return Chosen(tuple(tried))
    open_to = opening(rules.budget, slots=rules.bandit_slots, k=k)
    if uniform(person.user_id, seed, 1) >= open_to:
        return Chosen(tuple(tried), untouched=1 - open_to)
    drawn = _drawn(bandit, allowed, person, seed=seed, slots=rules.bandit_slots)
    return Chosen((*tried, *(Choice(c.item_id, c.source, c.propensity * open_to) for c in drawn)))


def standing(newcomers: Newcomers, user_id: int, *, now_s: int, rules: ExplorationConfig) -> int:
    """A number of all that decides which new items are due to the user, but for what is the user's own (history,
    blocks, what was tried): while both stay, what was chosen for an answer may be shown again, with the propensity
    that it had. 0 where nothing is tried.

    Draws under an earlier posterior of the bandit stay good: their propensities are those under which they were drawn.
    """
    if not user_id or not len(newcomers) or newcomers.spent.exceeds(rules.budget):
        return 0
    trials = newcomers.trials
    anyone = Person(user_id, never=_NOBODY, blocked_creators=_NOBODY)
    rows = share_of(trials, anyone, now_s) if rules.slots else _NOBODY
    draws = bool(len(newcomers.bandit) and rules.bandit_slots)
    if not len(rows) and not draws:
        return 0
    due = trials.item_ids[rows].tobytes() + trials.shares[rows].tobytes() + bytes([draws])
    return 1 + zlib.crc32(due)


def share_of(trials: Trials, person: Person, now_s: int) -> NDArray[np.int64]:
    """Rows of the items that this user is one of the share for, and may still be shown."""
    chosen = explorers(trials.hashes, trials.limits, user_hash(person.user_id))
    rows = np.flatnonzero(chosen)
    return rows[
        _allowed(trials.item_ids[rows], trials.creator_ids[rows], trials.began_at_s[rows], person, now_s)
    ]


def arms_for(bandit: Bandit, person: Person, now_s: int) -> Mask:
    """bool [n]: which arms may be drawn for the user."""
    return _allowed(bandit.item_ids, bandit.creator_ids, bandit.began_at_s, person, now_s)


def _of_share(trials: Trials, person: Person, *, now_s: int, seed: int, slots: int) -> list[Choice]:
    """At most `slots`, of as many creators: first the creators are drawn, then an item of each."""
    rows = share_of(trials, person, now_s)
    if not len(rows) or slots <= 0:
        return []
    creators = trials.creator_ids[rows]
    # Nobody's items are each a creator's of their own.
    owners = np.where(creators > 0, creators, -trials.item_ids[rows])
    _, groups, sizes = np.unique(owners, return_inverse=True, return_counts=True)
    random = np.random.default_rng([person.user_id, seed])
    drawn = random.permutation(len(sizes))[:slots]
    among_groups = len(drawn) / len(sizes)
    choices = []
    for group in drawn.tolist():
        row = int(random.choice(rows[groups == group]))
        propensity = float(trials.shares[row]) * among_groups / int(sizes[group])
        choices.append(Choice(int(trials.item_ids[row]), NEW_ITEMS, propensity))
    return choices


def _drawn(bandit: Bandit, allowed: Mask, person: Person, *, seed: int, slots: int) -> list[Choice]:
    bank = bandit.bank_of(person.segment)
    draw = int(uniform(person.user_id, seed, 2) * len(bank))
    arms, propensities = pick(bank, allowed, draw=draw, slots=slots)
    return [
        Choice(int(bandit.item_ids[arm]), BANDIT, propensity)
        for arm, propensity in zip(arms.tolist(), propensities.tolist(), strict=True)
    ]


def _allowed(
    item_ids: Ids, creator_ids: Ids, began_at_s: NDArray[np.int64], person: Person, now_s: int
) -> Mask:
    """bool [n]. What was not yet tried at `now` is not either: an answer may be asked for a moment that is past."""
    allowed = began_at_s <= now_s
    if len(person.never):
        # Searched: np.isin would sort both, which takes five times as long.
        places = np.minimum(np.searchsorted(person.never, item_ids), len(person.never) - 1)
        allowed &= person.never[places] != item_ids
    if len(person.blocked_creators):
        allowed &= ~np.isin(creator_ids, person.blocked_creators)
    return np.asarray(allowed, np.bool_)

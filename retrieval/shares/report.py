"""What a mix's bandit has learned, as its page and its command tell it: a few thousand rows are read, whatever the
traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from catalog.sql import cursor
from coldstart.exploration.posterior import Posterior
from retrieval.mixes import Bandit
from retrieval.models import SharePolicy
from retrieval.shares import statements
from retrieval.shares.learning import EVERYWHERE
from retrieval.shares.offpolicy import CERTAINTY, Interval, Log, Value, as_served, policies, value_of
from retrieval.shares.segments import all_segments


@dataclass(frozen=True, slots=True)
class ArmLine:
    """One arm in one segment.

    share: of the segment's draws; probability: with which it is drawn from now on; posterior: of the share of draws
    that are engaged with, faded; always: what drawing it always would have brought, None where that can't be said.
    """

    arm: str
    draws: int
    engaged: int
    share: float
    probability: float
    posterior: Interval
    always: Interval | None


@dataclass(frozen=True, slots=True)
class SegmentLines:
    name: str  # "" for all that are not told apart
    draws: int
    served: Interval | None
    arms: Sequence[ArmLine]


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """Another way of choosing; None where nothing can be said of it."""

    name: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Report:
    """segments: those that were drawn in, the most drawn first; told_apart: how many there are."""

    draws: int
    engaged: int
    served: Interval | None
    policies: Sequence[PolicyLine]
    segments: Sequence[SegmentLines]
    told_apart: int
    learned_at: datetime | None


def report_of(bandit: Bandit, revision: int, *, now: datetime, days: int) -> Report:
    """Of draws that began to hold in the last `days`; posteriors and probabilities are of now."""
    arms = list(bandit.arms)
    values = {"mix": revision, "since": now.date() - timedelta(days=days), "until": now.date()}
    with cursor() as raw:
        rows = raw.execute(statements.LOGGED, values).fetchall()
    names = sorted({str(row[0]) for row in rows} & set(all_segments(bandit)))
    log = Log.of(rows, names, arms, statements.USER_GROUPS)
    known = {(row.segment, row.arm): row for row in SharePolicy.objects.filter(mix=revision)}
    lines = [_segment(bandit, log.only(place), name, known) for place, name in enumerate(names)]
    prior = (bandit.prior_rate, bandit.prior_draws)
    return Report(
        draws=int(log.draws.sum()),
        engaged=int(log.engaged.sum()),
        served=as_served(log),
        policies=[
            PolicyLine(name, value_of(log, chances, prior=prior)) for name, chances in policies(arms).items()
        ],
        segments=sorted(lines, key=lambda line: -line.draws),
        told_apart=len(all_segments(bandit)),
        learned_at=max((row.changed_at for row in known.values()), default=None),
    )


def _segment(bandit: Bandit, log: Log, name: str, known: dict[tuple[str, str], SharePolicy]) -> SegmentLines:
    draws = log.draws.sum(axis=(0, 2))
    engaged = log.engaged.sum(axis=(0, 2))
    return SegmentLines(
        name=name,
        draws=int(draws.sum()),
        served=as_served(log),
        arms=[
            ArmLine(
                arm=arm,
                draws=int(draws[place]),
                engaged=int(engaged[place]),
                share=float(draws[place] / draws.sum()),
                probability=_chance(bandit, known, name, arm),
                posterior=_posterior(bandit, known.get((name, arm)) or known.get((EVERYWHERE, arm))),
                always=_always(bandit, log, place),
            )
            for place, arm in enumerate(bandit.arms)
        ],
    )


def _always(bandit: Bandit, log: Log, place: int) -> Interval | None:
    found = value_of(log, np.eye(len(bandit.arms))[place], prior=(bandit.prior_rate, bandit.prior_draws))
    return found.doubly_robust if found else None


def _chance(bandit: Bandit, known: dict[tuple[str, str], SharePolicy], segment: str, arm: str) -> float:
    row = known.get((segment, arm)) or known.get((EVERYWHERE, arm))
    return row.probability if row else 1 / len(bandit.arms)


def _posterior(bandit: Bandit, row: SharePolicy | None) -> Interval:
    alpha, beta = (
        (row.alpha, row.beta)
        if row
        else (bandit.prior_rate * bandit.prior_draws, (1 - bandit.prior_rate) * bandit.prior_draws)
    )
    posterior = Posterior(alpha, beta)
    return Interval(posterior.mean, *posterior.interval(CERTAINTY))

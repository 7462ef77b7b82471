"""Whose period is over is judged by its evidence; every change is noted with its reason."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from coldstart.exploration.config import ExplorationConfig
from coldstart.exploration.deciding import Decision, Evidence, decide, reconsider
from coldstart.models import Trial, TrialChange

_AT_ONCE = 1000


def judge_due(now: datetime, rules: ExplorationConfig) -> int:
    """Judges every item whose period has ended; returns how many."""
    due = Trial.objects.filter(
        state=Trial.State.EXPLORING, period_began_at__lte=now - timedelta(seconds=rules.period_s)
    )
    return _apply(((trial, decide(evidence_of(trial, now), rules)) for trial in due), now)


def judge_again(item_ids: Collection[int], now: datetime, rules: ExplorationConfig) -> int:
    """Looks again at verdicts on items whose counts moved afterwards; returns how many were overturned."""
    judged = Trial.objects.filter(
        item_id__in=item_ids, state__in=[Trial.State.GRADUATED, Trial.State.RETIRED]
    )
    again = ((trial, reconsider(trial.state, evidence_of(trial, now), rules)) for trial in judged)
    return _apply(((trial, decision) for trial, decision in again if decision), now)


def evidence_of(trial: Trial, now: datetime) -> Evidence:
    tried = (now - trial.began_at).total_seconds() if trial.began_at else 0.0
    return Evidence(trial.exposures, trial.engagements, share=trial.share, tried_s=tried)


def _apply(decisions: Iterable[tuple[Trial, Decision]], now: datetime) -> int:
    trials, changes = [], []
    for trial, decision in decisions:
        trial.state, trial.share = decision.state, decision.share
        trial.periods += 1
        trial.period_began_at = trial.changed_at = now
        trials.append(trial)
        changes.append(
            TrialChange(
                trial=trial,
                at=now,
                state=decision.state,
                share=decision.share,
                exposures=trial.exposures,
                engagements=trial.engagements,
                why=decision.why,
            )
        )
    Trial.objects.bulk_update(
        trials, ["state", "share", "periods", "period_began_at", "changed_at"], batch_size=_AT_ONCE
    )
    TrialChange.objects.bulk_create(changes, batch_size=_AT_ONCE)
    return len(trials)

"""After each period of a trial its evidence decides: more exposure, less, or a verdict. Pure; the words go to the
ledger."""

from dataclasses import dataclass, replace
from typing import Literal

from coldstart.exploration.config import ExplorationConfig
from coldstart.exploration.posterior import Posterior

Verdict = Literal["exploring", "graduated", "retired"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one item, at the end of a period; `tried_s`: since its first."""

    exposures: int
    engagements: int
    share: float
    tried_s: float


@dataclass(frozen=True, slots=True)
class Decision:
    state: Verdict
    share: float  # of the next period; 0 where there is none
    why: str


def decide(evidence: Evidence, rules: ExplorationConfig) -> Decision:
    """What becomes of the item, by the interval of its engagement rate."""
    return _verdict(evidence, rules) or _next_period(evidence, rules)


def _verdict(evidence: Evidence, rules: ExplorationConfig) -> Decision | None:
    """None while the evidence is open and there is time to collect more."""
    posterior = posterior_of(evidence, rules)
    low, high = posterior.interval(rules.certainty)
    said = describe(evidence, rules)
    enough = evidence.exposures >= rules.least_exposures
    if enough and low >= rules.graduate_rate:
        return Decision("graduated", 0.0, f"{said} That is {percent(rules.graduate_rate)} or more.")
    if enough and high <= rules.retire_rate:
        return Decision("retired", 0.0, f"{said} That is {percent(rules.retire_rate)} or less.")
    if evidence.tried_s >= rules.longest_s:
        promising = posterior.mean >= middle(rules) and evidence.exposures > 0
        word: Verdict = "graduated" if promising else "retired"
        return Decision(word, 0.0, f"{said} The time for trying is over, and the mean decides.")
    return None


def _next_period(evidence: Evidence, rules: ExplorationConfig) -> Decision:
    said = describe(evidence, rules)
    if not evidence.exposures:
        # Whether nobody came or nobody reports impressions: more of the same would tell no more.
        return Decision("exploring", evidence.share, f"{said} It goes on as before.")
    more = min(evidence.share * rules.step, rules.most_share)
    if evidence.exposures < rules.least_exposures:
        return Decision(
            "exploring", more, f"{said} Too few to tell: it goes on with {percent(more)} of users."
        )
    if posterior_of(evidence, rules).mean >= middle(rules):
        return Decision("exploring", more, f"{said} Promising: it goes on with {percent(more)} of users.")
    less = evidence.share / rules.step
    # The tolerance: shares are products of floats.
    if less < rules.share / rules.step * 0.999:
        return Decision("retired", 0.0, f"{said} Not promising, and there is no smaller share to go on with.")
    return Decision("exploring", less, f"{said} Not promising: it goes on with {percent(less)} of users.")


def posterior_of(evidence: Evidence, rules: ExplorationConfig) -> Posterior:
    return Posterior.of(
        evidence.exposures,
        evidence.engagements,
        prior_alpha=rules.prior_alpha,
        prior_beta=rules.prior_beta,
    )


def middle(rules: ExplorationConfig) -> float:
    """The rate between the two thresholds: whose mean is above it is promising."""
    return (rules.graduate_rate + rules.retire_rate) / 2


def describe(evidence: Evidence, rules: ExplorationConfig) -> str:
    """The evidence as a sentence."""
    posterior = posterior_of(evidence, rules)
    low, high = posterior.interval(rules.certainty)
    return (
        f"{evidence.engagements} of {evidence.exposures} exposures were engaged with: a rate of "
        f"{percent(posterior.mean)}, with {rules.certainty:.0%} certainty from {percent(low)} to {percent(high)}."
    )


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def reconsider(state: str, evidence: Evidence, rules: ExplorationConfig) -> Decision | None:
    """Another verdict than `state`, where what was counted afterwards calls for one; None where it stands."""
    decision = _verdict(replace(evidence, tried_s=0.0), rules)
    if decision is None or decision.state == state:
        return None
    return replace(decision, why=f"{decision.why} This came in after the first verdict.")

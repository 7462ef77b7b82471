"""Losses as pure functions of cosines; each says where it comes from. Smaller is better.

cosines: float32 [b, m], of users and the items that compete; targets: float32 [b, m], above 0 for items to be found,
by how much they count; excluded: bool [b, m], items that a user has already and that therefore compete with nothing;
log_q: float32 [m], logarithm of how likely each item was to be among the competing ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class LossSettings:
    temperature: Tensor
    log_frequency: float
    margin: float
    negative_weight: float
    calibration: float
    n_items: int


Loss = Callable[[Tensor, Tensor, Tensor, Tensor, LossSettings], Tensor]


def sampled_softmax(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Negative log-likelihood of the targets among all that compete (Bengio, Senécal 2008; in-batch: Yi et al. 2019).

    With the whole catalogue competing nothing was drawn, log_q is 0, and this is the multinomial likelihood of
    Mult-VAE (Liang et al. 2018).
    """
    logits = _logits(cosines, excluded, log_q, settings)
    log_likelihood = torch.log_softmax(logits, dim=1).masked_fill(targets == 0, 0.0)
    return -(log_likelihood * targets).sum() / _total(targets)


def given_negatives(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Batch softmax in which each target competes with the negatives only, not with the user's other targets
    (Wu et al. 2022, "On the effectiveness of sampled softmax loss")."""
    logits = _logits(cosines, excluded, log_q, settings)
    against = torch.logsumexp(logits.masked_fill(targets > 0, _NEVER), dim=1, keepdim=True)
    losses = functional.softplus(against - logits.masked_fill(excluded, 0.0))
    return (losses * targets).sum() / _total(targets)


def contrastive(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Targets are drawn near, negatives pushed beyond a margin, both squared (Hadsell, Chopra, LeCun 2006), with
    1 − cosine for the distance."""
    del log_q
    near = ((1 - cosines).square() * targets).sum() / _total(targets)
    negative = ~excluded & (targets == 0)
    far = (cosines - settings.margin).clamp_min(0).square()
    return near + settings.negative_weight * _mean_of_rows(far, negative, targets)


def cosine_contrastive(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Only negatives above a margin count, all of them together as much as `negative_weight` targets (Mao et al.
    2021, SimpleX)."""
    del log_q
    near = ((1 - cosines) * targets).sum() / _total(targets)
    negative = ~excluded & (targets == 0)
    return near + settings.negative_weight * _mean_of_rows(
        (cosines - settings.margin).clamp_min(0), negative, targets
    )


def triplet(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Each target shall be nearer by a margin than the user's hardest negative (Schroff et al. 2015; hardest of the
    batch: Hermans et al. 2017)."""
    del log_q
    hardest = cosines.masked_fill(excluded | (targets > 0), -1.0).max(dim=1, keepdim=True).values
    return ((settings.margin + hardest - cosines).clamp_min(0) * targets).sum() / _total(targets)


def calibrated_bce(
    cosines: Tensor, targets: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings
) -> Tensor:
    """Binary cross entropy whose positive part is raised to a power below 1, so that a sample of negatives does not
    make everything look likely (Petrov, Macdonald 2023, gBCE; `calibration` is their t)."""
    del log_q
    logits = cosines / settings.temperature
    negative = ~excluded & (targets == 0)
    drawn = min(1.0, cosines.shape[1] / settings.n_items)
    power = drawn * (settings.calibration * (1 - 1 / drawn) + 1 / drawn)
    positive = power * (functional.softplus(-logits) * targets).sum() / _total(targets)
    others = (functional.softplus(logits) * negative).sum(dim=1, keepdim=True)
    return positive + (others * targets.sum(dim=1, keepdim=True)).sum() / _total(targets) / cosines.shape[1]


def below_targets(cosines: Tensor, targets: Tensor, refused: Tensor, settings: LossSettings) -> Tensor:
    """What a user refused shall rank below the mean of her targets: pairwise log-likelihood (Rendle et al. 2009).

    refused: float32 [b, m], above 0 for what is refused, by how much it counts; the sum is not divided by their sum.
    """
    wanted = (targets > 0).float()
    found = wanted.sum(dim=1)
    means = (cosines * wanted).sum(dim=1) / found.clamp_min(1)
    losses = functional.softplus((cosines - means[:, None]) / settings.temperature)
    return (losses * refused * (found > 0)[:, None]).sum()


LOSSES: Mapping[str, Loss] = {
    loss.__name__: loss
    for loss in (sampled_softmax, given_negatives, contrastive, cosine_contrastive, triplet, calibrated_bce)
}


def _logits(cosines: Tensor, excluded: Tensor, log_q: Tensor, settings: LossSettings) -> Tensor:
    logits = cosines / settings.temperature - settings.log_frequency * log_q
    return logits.masked_fill(excluded, _NEVER)


def _total(targets: Tensor) -> Tensor:
    return targets.sum().clamp_min(1e-12)


def _mean_of_rows(losses: Tensor, negative: Tensor, targets: Tensor) -> Tensor:
    """Each user's mean over negatives, weighted as her targets are."""
    means = (losses * negative).sum(dim=1) / negative.sum(dim=1).clamp_min(1)
    return (means * targets.sum(dim=1)).sum() / _total(targets)

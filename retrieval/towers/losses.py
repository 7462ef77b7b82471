"""Losses as pure functions of scores; each says where it comes from."""

import torch
from torch import Tensor


def multinomial(logits: Tensor, targets: Tensor, *, excluded: Tensor | None = None) -> Tensor:
    """Mean negative log-likelihood of the targets (Liang et al. 2018, Mult-VAE).

    logits: [b, m]; targets: [b, m], the weight of each item to be found; excluded: bool [b, m],
    items that the user has already and that therefore compete with nothing.
    """
    if excluded is not None:
        logits = logits.masked_fill(excluded, float("-inf"))
    log_likelihood = torch.log_softmax(logits, dim=1).masked_fill(targets == 0, 0.0)
    return -(log_likelihood * targets).sum() / targets.sum().clamp_min(1e-12)

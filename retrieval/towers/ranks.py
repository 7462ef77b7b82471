"""One training by several processes, each with its part of every batch: what `torchrun` starts."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import torch
from torch import distributed, nn


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process's place among those that train together; alone by default."""

    rank: int = 0
    size: int = 1

    @classmethod
    def from_environment(cls) -> Self:
        """Joins the others where `torchrun` started this process (gloo, nccl with GPUs); alone otherwise."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        if not distributed.is_initialized():
            distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        return cls(distributed.get_rank(), size)

    @property
    def first(self) -> bool:
        """Whether this is the process that writes what was learned."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Makes each parameter's gradient the mean over the processes, the same bits in all of them."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.requires_grad:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                distributed.all_reduce(parameter.grad)
                parameter.grad /= self.size

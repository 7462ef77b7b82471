"""A training's state after each pass, so that an interrupted one goes on where it was. Arrays only, never pickle."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData

State = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Progress:
    """towers, best: state of the network now and at its best pass; optimizer: Adam's moments by parameter's place."""

    curve: list[float]
    examples: int
    seconds: float
    towers: State
    best: State
    optimizer: dict[int, State]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file for one training: of these settings on these events; another's file is taken for none."""

    path: Path
    fingerprint: str

    @classmethod
    def of(cls, path: Path, data: TrainingData, config: TowerConfig) -> "Checkpoint":
        digest = hashlib.sha256(json.dumps(asdict(config), sort_keys=True).encode())
        for column in (data.user_index, data.item_index, data.weight, data.kinds, data.item_ids):
            digest.update(column.tobytes())
        return cls(path, digest.hexdigest())

    def save(self, progress: Progress) -> None:
        """Whole or not at all."""
        tensors = {f"towers/{name}": value for name, value in progress.towers.items()}
        tensors |= {f"best/{name}": value for name, value in progress.best.items()}
        for place, moments in progress.optimizer.items():
            tensors |= {f"optimizer/{place}/{name}": value for name, value in moments.items()}
        facts = {"curve": progress.curve, "examples": progress.examples, "seconds": progress.seconds}
        header = {"fingerprint": self.fingerprint, "facts": json.dumps(facts)}
        partial = self.path.with_suffix(".partial")
        # Cloned: tables that share memory are refused by the format.
        save_file({name: value.clone().contiguous() for name, value in tensors.items()}, partial, header)
        partial.replace(self.path)

    def load(self) -> Progress | None:
        """None where nothing was saved, by this training, in one piece."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                header = file.metadata()
                if header.get("fingerprint") != self.fingerprint:
                    return None
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        except SafetensorError:
            return None
        facts: dict[str, Any] = json.loads(header["facts"])
        optimizer: dict[int, State] = {}
        for name, value in _under("optimizer/", tensors).items():
            place, moment = name.split("/")
            optimizer.setdefault(int(place), {})[moment] = value
        return Progress(
            towers=_under("towers/", tensors), best=_under("best/", tensors), optimizer=optimizer, **facts
        )

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def moments_of(optimizer: torch.optim.Optimizer) -> dict[int, State]:
    state: dict[int, State] = optimizer.state_dict()["state"]
    return state


def _under(prefix: str, tensors: State) -> State:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}

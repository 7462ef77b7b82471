"""Training: events in, vectors and encoders out."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.towers.checkpoint import Checkpoint
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData, without_repeats
from retrieval.towers.export import item_artifact, user_artifact
from retrieval.towers.features import UserTokens, item_bags, user_tokens
from retrieval.towers.fitting import Fitting
from retrieval.towers.neighbors import neighborhood, visited
from retrieval.towers.network import Towers
from retrieval.towers.parity import export_parity
from retrieval.towers.ranks import Ranks
from retrieval.towers.spectrum import explained_by, spectrum
from retrieval.towers.tasks import check_tasks
from retrieval.towers.validation import held_out, recall


@dataclass(frozen=True, slots=True)
class TrainedTowers:
    """item_vectors: float32 [n_items, dim], unit rows; history_vectors: float32 [n_items, dim]."""

    item_vectors: NDArray[np.float32]
    history_vectors: NDArray[np.float32]
    user_artifact: bytes
    item_artifact: bytes
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _World:
    """All that a training reads."""

    data: TrainingData
    token_keys: NDArray[np.int64]
    bags: csr_array
    tokens: UserTokens
    config: TowerConfig
    ranks: Ranks
    folder: Path | None

    def checkpoint(self, name: str) -> Checkpoint | None:
        return Checkpoint.of(self.folder / name, self.data, self.config) if self.folder else None


def train(
    data: TrainingData, config: TowerConfig, *, folder: Path | None = None, ranks: Ranks | None = None
) -> TrainedTowers:
    """The towers, trained on all events for as many passes as were best without the newest ones.

    folder: where each pass leaves its state, for a later call to go on from. Raises ValueError where there is
    nothing to learn from.
    """
    if not len(data) or not data.n_items:
        raise ValueError("no events to train on")
    started = time.perf_counter()
    check_tasks(data, config.tasks)
    data = without_repeats(data)
    token_keys, bags = item_bags(data, limit=config.max_tokens)
    world = _World(data, token_keys, bags, user_tokens(data, config), config, ranks or Ranks(), folder)
    if config.epochs:
        trial, start_recall, best = _trial(world)
        final = _final(world, best)
    else:
        trial = final = _final(world, 0)
        start_recall, best = -1.0, 0
    for name in ("trial", "final"):
        if checkpoint := world.checkpoint(name):
            checkpoint.remove()
    towers = final.towers
    with torch.no_grad():
        vectors, history = towers.items()
    user_bytes = user_artifact(towers, world.tokens, config, data)
    item_bytes = item_artifact(towers, config, token_keys, data)
    pass_seconds = trial.seconds + final.seconds
    report = {
        "config": asdict(config),
        "validation_recall": trial.curve,
        "start_recall": start_recall,
        "best_pass": best,
        "temperature": round(float(towers.log_temperature.exp()), 4),
        "train_seconds": round(time.perf_counter() - started, 2),
        "examples_per_second": round((trial.examples + final.examples) / pass_seconds) if pass_seconds else 0,
        "processes": world.ranks.size,
        "events": len(data),
        "users": data.n_users,
        "items": data.n_items,
        "export_parity": export_parity(
            towers, data, config, world.tokens, user_artifact=user_bytes, item_artifact=item_bytes
        ),
    }
    return TrainedTowers(
        item_vectors=vectors.numpy(),
        history_vectors=history.numpy(),
        user_artifact=user_bytes,
        item_artifact=item_bytes,
        report=report,
    )


def _trial(world: _World) -> tuple[Fitting, float, int]:
    """(towers without the newest events, their recall before the first pass, the best pass); the start counts where
    it was not random. Where nothing is held out there is nothing to count by, and all passes are best."""
    share, by = world.config.validation_share, world.config.holdout
    learned, validation = held_out(world.data, share=share, by=by)
    fitting = _begin(world, learned)
    if not len(validation):
        return fitting, -1.0, world.config.epochs

    def judge() -> float:
        return recall(
            fitting.towers, learned, validation, world.tokens, world.config, k=min(100, learned.n_items // 4)
        )

    start = judge() if world.config.start == "spectrum" else -1.0
    best = fitting.until_best(judge, start=start, checkpoint=world.checkpoint("trial"))
    return fitting, start, best


def _final(world: _World, passes: int) -> Fitting:
    """The same again with all events: what is newest says the most, and was held out only to count passes."""
    fitting = _begin(world, world.data)
    fitting.passes(passes, checkpoint=world.checkpoint("final"))
    return fitting


def _begin(world: _World, data: TrainingData) -> Fitting:
    config = world.config
    # From these events alone: walks over those that are held out would tell what is to be found.
    walked = visited(data, config)
    near = neighborhood(data, walked, neighbors=config.neighbors) if walked and config.neighbors else None
    towers = Towers(
        item_bags=world.bags,
        profile_tokens=len(world.tokens.keys),
        dim=config.dim,
        seed=config.seed,
        temperature=config.temperature,
        likes=data.likes() if config.popularity_buckets else None,
        neighborhood=near,
    )
    if config.start == "spectrum":
        _start_from_spectrum(towers, data, config)
    fitting = Fitting(towers, data, world.tokens, config, world.ranks, walked)
    if config.start == "spectrum" and config.epochs:
        fitting.tune_temperature()
    return fitting


@torch.no_grad()
def _start_from_spectrum(towers: Towers, data: TrainingData, config: TowerConfig) -> None:
    """Sums of what content explains and of what is the item's own: exactly the spectrum's tables."""
    found = spectrum(data.liked(), dim=config.dim, seed=config.seed)
    touched = data.likes() > 0
    for own, by_token, wanted in (
        (towers.item_id, towers.token_vectors, found.items),
        (towers.history_id, towers.token_history, found.history),
    ):
        learned = explained_by(towers.bags, wanted, rows=touched)
        by_token.copy_(torch.from_numpy(learned))
        rest = np.where(touched[:, None], wanted - towers.bags @ learned, 0).astype(np.float32)
        own.copy_(torch.from_numpy(rest))
    for table in (towers.item_bias, towers.user_bias, towers.profile_vectors, towers.popularity):
        table.zero_()
    if towers.neighborhood is not None:
        towers.mixing.zero_()

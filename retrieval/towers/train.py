"""Training: events in, vectors and encoders out."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.towers import losses
from retrieval.towers.batches import Batch, batches, sparse_rows
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData, without_repeats
from retrieval.towers.export import item_artifact, user_artifact
from retrieval.towers.features import item_bags, profile_bags
from retrieval.towers.negatives import candidates
from retrieval.towers.network import Towers
from retrieval.towers.parity import export_parity
from retrieval.towers.validation import held_out, recall


@dataclass(frozen=True, slots=True)
class TrainedTowers:
    """item_vectors: float32 [n_items, dim], unit rows; history_vectors: float32 [n_items, dim]."""

    item_vectors: NDArray[np.float32]
    history_vectors: NDArray[np.float32]
    user_artifact: bytes
    item_artifact: bytes
    report: dict[str, Any]


def train(data: TrainingData, config: TowerConfig) -> TrainedTowers:
    """The towers of the best validated pass. Raises ValueError where there is nothing to learn from."""
    if not len(data) or not data.n_items:
        raise ValueError("no events to train on")
    started = time.perf_counter()
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    data = without_repeats(data)
    learned, validation = held_out(data, share=config.validation_share)
    token_keys, items = item_bags(data, limit=config.max_tokens)
    profile_keys, profiles = profile_bags(data, limit=config.max_tokens)
    towers = Towers(item_bags=items, profile_bags=profiles, dim=config.dim, seed=config.seed)
    curve = _fit(towers, learned, validation, config, rng)
    seconds = time.perf_counter() - started
    with torch.no_grad():
        vectors, history = towers.items()
    user_bytes = user_artifact(towers, config, profile_keys, data)
    item_bytes = item_artifact(towers, config, token_keys, data)
    report = {
        "config": asdict(config),
        "validation_recall": curve,
        "train_seconds": round(seconds, 2),
        "examples_per_second": round(len(curve) * len(learned) / seconds),
        "events": len(data),
        "users": data.n_users,
        "items": data.n_items,
        "export_parity": export_parity(
            towers, data, config, user_artifact=user_bytes, item_artifact=item_bytes
        ),
    }
    return TrainedTowers(
        item_vectors=vectors.numpy(),
        history_vectors=history.numpy(),
        user_artifact=user_bytes,
        item_artifact=item_bytes,
        report=report,
    )


def _fit(
    towers: Towers,
    learned: TrainingData,
    validation: TrainingData,
    config: TowerConfig,
    rng: np.random.Generator,
) -> list[float]:
    """Validation recall after each pass; the towers are left as they were at the best one."""
    optimizer = torch.optim.Adam(
        towers.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    best, curve, state = -1.0, [], {name: value.clone() for name, value in towers.state_dict().items()}
    for _ in range(config.epochs):
        for batch in batches(
            learned,
            config.pooling,
            batch_users=config.batch_users,
            history_share=config.history_share,
            history_limit=config.history_limit,
            rng=rng,
        ):
            loss = _batch_loss(towers, batch, config, rng)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        curve.append(recall(towers, learned, validation, config, k=min(100, learned.n_items // 4)))
        if curve[-1] > best:
            best, state = curve[-1], {name: value.clone() for name, value in towers.state_dict().items()}
        elif len(curve) - int(np.argmax(curve)) > config.patience:
            break
    towers.load_state_dict(state)
    return curve


def _batch_loss(towers: Towers, batch: Batch, config: TowerConfig, rng: np.random.Generator) -> Tensor:
    n_items = towers.item_id.shape[0]
    kept = torch.from_numpy((rng.random((n_items, 1)) >= config.id_dropout).astype(np.float32))
    vectors, history = towers.items(kept)
    read = sparse_rows(
        batch.read_row, batch.read_item, torch.from_numpy(batch.read_share), (len(batch.users), n_items)
    )
    users = towers.users(read, history, towers.profile_bags.to_dense()[batch.users])
    columns = candidates(batch.target_item, n_items, negatives=config.negatives, rng=rng)
    logits = users @ vectors[torch.from_numpy(columns)].T / config.temperature
    targets = torch.zeros_like(logits)
    targets[batch.target_row, np.searchsorted(columns, batch.target_item)] = torch.from_numpy(
        batch.target_weight
    )
    place = np.minimum(np.searchsorted(columns, batch.read_item), len(columns) - 1)
    present = columns[place] == batch.read_item
    excluded = torch.zeros_like(logits, dtype=torch.bool)
    excluded[batch.read_row[present], place[present]] = True
    return losses.multinomial(logits, targets, excluded=excluded)

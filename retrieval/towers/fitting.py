"""Gradients: passes over the users until validation stops gaining."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from retrieval.towers.batches import Batch, batches, sparse_rows
from retrieval.towers.checkpoint import Checkpoint, Progress, State, moments_of
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.features import UserTokens, as_torch
from retrieval.towers.losses import LOSSES, LossSettings, below_targets
from retrieval.towers.negatives import ByWalk, Competing, Pairs, Sampler
from retrieval.towers.neighbors import Visited
from retrieval.towers.network import Towers
from retrieval.towers.ranks import Ranks


@dataclass
class Fitting:
    """A training of the towers on some events. `judge` says how good they are now; larger is better."""

    towers: Towers
    data: TrainingData
    tokens: UserTokens
    config: TowerConfig
    ranks: Ranks
    visited: Visited | None = None
    curve: list[float] = field(default_factory=list)
    examples: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._sampler = Sampler(
            self.data.likes(), negatives=self.config.negatives, shares=self.config.negative_shares
        )
        self._by_walk = ByWalk.of(self.visited, self.data, self.config) if self.visited else None
        self.towers.log_temperature.requires_grad_(self.config.learn_temperature)
        learned = [value for value in self.towers.parameters() if value.requires_grad]
        self._optimizer = torch.optim.Adam(
            learned, lr=self.config.learning_rate, weight_decay=self.config.weight_decay
        )
        self._best = self._state()

    def until_best(
        self, judge: Callable[[], float], *, start: float = -1.0, checkpoint: Checkpoint | None = None
    ) -> int:
        """Leaves the towers as they were at the best pass and returns its number; 0 where none was better than
        `start`, the judgement before the first."""
        self._resume(checkpoint)
        while len(self.curve) < self.config.epochs and not self._stalled(start):
            self._pass()
            self.curve.append(judge())
            if self.curve[-1] > max([start, *self.curve[:-1]]):
                self._best = self._state()
            self._remember(checkpoint)
        self.towers.load_state_dict(self._best)
        best = int(np.argmax(self.curve)) if self.curve else 0
        return best + 1 if self.curve and self.curve[best] > start else 0

    def passes(self, count: int, *, checkpoint: Checkpoint | None = None) -> None:
        """So many passes, unjudged."""
        self._resume(checkpoint)
        while len(self.curve) < count:
            self._pass()
            self.curve.append(0.0)
            self._remember(checkpoint)

    def tune_temperature(self) -> None:
        """Sets the temperature under which the first batch is likeliest."""
        batch = next(batches(self.data, self.config, number=0, ranks=Ranks()), None)
        if batch is None:
            return
        losses = {}
        with torch.no_grad():
            for temperature in np.geomspace(0.005, 0.5, 15).tolist():
                self.towers.log_temperature.fill_(float(np.log(temperature)))
                losses[temperature] = float(self._loss(batch))
            self.towers.log_temperature.fill_(float(np.log(min(losses, key=losses.__getitem__))))
        self._best = self._state()

    def _pass(self) -> None:
        started = time.perf_counter()
        for batch in batches(self.data, self.config, number=len(self.curve), ranks=self.ranks):
            loss = self._loss(batch)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.ranks.average_gradients(self.towers.parameters())
            self._optimizer.step()
        self.examples += len(self.data)
        self.seconds += time.perf_counter() - started

    def _profiles(self, batch: Batch) -> Tensor:
        """Some users are known by their histories alone, as whoever comes later will be."""
        known = None
        if len(self.tokens.own):
            known = batch.rng.random(len(batch.users)) >= self.config.user_id_dropout
        return self.tokens.of(batch.users, batch.moment_s, known=known)

    def _loss(self, batch: Batch) -> Tensor:
        towers, config = self.towers, self.config
        hard = self._hard(batch)
        walked = self._walked(batch)
        competing = self._sampler.draw(
            batch.target_item,
            hard=hard,
            shown=batch.shown_item,
            refused=batch.refused_item,
            by_walk=walked.items,
            rng=batch.rng,
        )
        rows = np.union1d(competing.items, batch.read_item)
        everything = len(rows) == towers.n_items
        kept = (batch.rng.random((towers.n_items, 1)) >= config.id_dropout).astype(np.float32)
        vectors, history = towers.items(torch.from_numpy(kept), only=None if everything else rows)
        read = sparse_rows(
            batch.read_row,
            np.searchsorted(rows, batch.read_item),
            batch.read_share,
            (len(batch.users), len(rows)),
        )
        users = towers.users(as_torch(read), history, self._profiles(batch))
        columns = np.searchsorted(rows, competing.items)
        # Not chosen by index where all compete: the copy and its gradient are as dear as the product.
        cosines = users @ (vectors if len(columns) == len(rows) else vectors[torch.from_numpy(columns)]).T
        targets, excluded = roles(batch, competing, walked, cosines)
        log_q, settings = torch.from_numpy(competing.log_q), self._loss_settings()
        loss = LOSSES[config.loss](cosines, targets, excluded, log_q, settings)
        if not len(batch.refused_item):
            return loss
        refused = torch.zeros_like(cosines)
        places = np.searchsorted(competing.items, batch.refused_item)
        refused[batch.refused_row, places] = torch.from_numpy(batch.refused_weight)
        return loss + below_targets(cosines, targets, refused, settings)

    def _walked(self, batch: Batch) -> Pairs:
        wanted = self._sampler.wants_by_walk(len(self.curve), self.config.walk_passes)
        if not wanted or self._by_walk is None:
            return Pairs.none()
        return self._by_walk.draw(batch.users, batch.target_row, batch.target_item, wanted, batch.rng)

    def _loss_settings(self) -> LossSettings:
        return LossSettings(
            temperature=self.towers.log_temperature.exp(),
            log_frequency=self.config.log_frequency,
            margin=self.config.margin,
            negative_weight=self.config.negative_weight,
            calibration=self.config.calibration,
            n_items=self.towers.n_items,
        )

    @torch.no_grad()
    def _hard(self, batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """What the towers rank first for the batch's users, most often named first, without what they have."""
        wanted = self._sampler.wants_hard
        if not wanted:
            return np.empty(0, np.int64)
        vectors, history = self.towers.items()
        read = sparse_rows(
            batch.read_row, batch.read_item, batch.read_share, (len(batch.users), self.towers.n_items)
        )
        scores = self.towers.users(as_torch(read), history, self.tokens.of(batch.users)) @ vectors.T
        scores[batch.read_row, batch.read_item] = -torch.inf
        scores[batch.target_row, batch.target_item] = -torch.inf
        each = min(-(-2 * wanted // max(len(batch.users), 1)), self.towers.n_items)
        named, counts = np.unique(scores.topk(each, dim=1).indices.numpy(), return_counts=True)
        first: np.ndarray[tuple[int], np.dtype[np.int64]] = named[np.argsort(-counts, kind="stable")][:wanted]
        return first

    def _stalled(self, start: float) -> bool:
        so_far = [start, *self.curve]
        return len(so_far) - 1 - int(np.argmax(so_far)) > self.config.patience

    def _state(self) -> State:
        return {name: value.clone() for name, value in self.towers.state_dict().items()}

    def _resume(self, checkpoint: Checkpoint | None) -> None:
        progress = checkpoint.load() if checkpoint else None
        if progress is None:
            return
        self.towers.load_state_dict(progress.towers)
        state = {**self._optimizer.state_dict(), "state": progress.optimizer}
        self._optimizer.load_state_dict(state)
        self._best, self.curve = progress.best, progress.curve
        self.examples, self.seconds = progress.examples, progress.seconds

    def _remember(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint and self.ranks.first:
            checkpoint.save(
                Progress(
                    curve=self.curve,
                    examples=self.examples,
                    seconds=self.seconds,
                    towers=self._state(),
                    best=self._best,
                    optimizer=moments_of(self._optimizer),
                )
            )


def roles(batch: Batch, competing: Competing, walked: Pairs, cosines: Tensor) -> tuple[Tensor, Tensor]:
    """(targets, excluded), each like the cosines: what is to be found, and what competes with nothing: what the users
    have read already, liked for a type that no task names, or what a walk led to for others only."""
    items = competing.items
    places = np.searchsorted(items, batch.target_item)
    targets = torch.zeros_like(cosines)
    targets[batch.target_row, places] = torch.from_numpy(batch.target_weight)
    excluded = torch.zeros_like(cosines, dtype=torch.bool)
    excluded[:, competing.by_walk] = True
    excluded[walked.rows, np.searchsorted(items, walked.items)] = False
    place = np.minimum(np.searchsorted(items, batch.read_item), len(items) - 1)
    present = items[place] == batch.read_item
    excluded[batch.read_row[present], place[present]] = True
    unnamed = batch.target_weight == 0
    excluded[batch.target_row[unnamed], places[unnamed]] = True
    return targets, excluded

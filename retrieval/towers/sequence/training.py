"""Training: the order of events in, items' vectors and an encoder out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from retrieval.sequence import SequenceEncoder
from retrieval.towers.config import NegativeShares
from retrieval.towers.data import TrainingData
from retrieval.towers.negatives import Sampler
from retrieval.towers.sequence.config import SequenceConfig
from retrieval.towers.sequence.network import SequenceNetwork
from retrieval.towers.sequence.windows import Sequences, Windows, batches

_SHARES = NegativeShares(uniform=0.5, popularity=0.5)
_WARM_UP_STEPS = 30
_LAST_RATE = 0.1  # of the learning rate, to which it falls in a line
_LEAST_ORDERED = 0.1
_NOTHING = np.empty(0, np.int64)
_COMPARED = 20  # sequences for the parity of the export


@dataclass(frozen=True, slots=True)
class TrainedSequence:
    """items: float32 [n_items, dim]; touched: bool [n_items], those that anybody liked: the others mean nothing."""

    items: NDArray[np.float32]
    touched: NDArray[np.bool_]
    encoder: SequenceEncoder
    report: dict[str, Any]


@contextmanager
def _one_thread() -> Iterator[None]:
    """So small a network gains little by more; on a busy machine they wait for each other at every step, and what takes
    30 s took 275."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def train_sequence(data: TrainingData, config: SequenceConfig) -> TrainedSequence | None:
    """None where fewer than a tenth of the steps from one liked item to the next took a second: there is no order to
    learn from."""
    started = time.perf_counter()
    rng = np.random.default_rng(config.seed)
    sequences = Sequences.of(data, half_life_days=config.half_life_days, rng=rng)
    if sequences.ordered_share() < _LEAST_ORDERED:
        return None
    n_windows = len(sequences.windows(config.length, rng)[0])
    likes = data.likes()
    passes = max(1, min(config.epochs, config.most_windows // n_windows))
    steps = passes * -(-min(n_windows, config.most_windows) // config.batch_windows)
    with _one_thread(), torch.random.fork_rng():
        torch.manual_seed(config.seed)
        network = SequenceNetwork(data.n_items, config, sparse=data.n_items > config.negatives)
        fitting = _Fitting(network, config, likes, steps)
        curve = []
        for _ in range(passes):
            curve.append(fitting.learn(sequences, rng))
            sequences = Sequences.of(data, half_life_days=config.half_life_days, rng=rng)
    network.eval()
    encoder = exported(network, config)
    return TrainedSequence(
        items=network.items.weight.detach().numpy(),
        touched=likes > 0,
        encoder=encoder,
        report={
            "config": asdict(config),
            "passes": passes,
            "loss": [round(loss, 4) for loss in curve],
            "windows": n_windows,
            "train_seconds": round(time.perf_counter() - started, 2),
            "export_parity": parity(network, encoder, sequences),
        },
    )


def exported(network: SequenceNetwork, config: SequenceConfig) -> SequenceEncoder:
    """Without items, whose vectors are rows of a table; through its packed form, as requests will read it."""
    weights = {
        name: value.detach().numpy()
        for name, value in network.state_dict().items()
        if not name.startswith("items.")
    }
    return SequenceEncoder.unpacked(SequenceEncoder(config.heads, weights).packed())


@torch.no_grad()
def parity(network: SequenceNetwork, encoder: SequenceEncoder, sequences: Sequences) -> float:
    """The largest difference between a coordinate of numpy's vectors and torch's, over the first users' windows."""
    starts, ends = sequences.windows(encoder.length, np.random.default_rng(0))
    largest = 0.0
    for start, end in zip(starts[:_COMPARED].tolist(), ends[:_COMPARED].tolist(), strict=True):
        read = torch.from_numpy(sequences.item[start:end].astype(np.int64))
        wanted = network(read[None])[0, -1].numpy()
        got = encoder.next_item(network.items(read).numpy())[:-1]
        largest = max(largest, float(np.abs(got - wanted).max()))
    return largest


class _Fitting:
    """Steps of Adam, the items' ones sparse where a batch meets few of them."""

    def __init__(
        self, network: SequenceNetwork, config: SequenceConfig, likes: NDArray[np.int64], steps: int
    ) -> None:
        self._network, self._config, self._steps, self._step = network, config, steps, 0
        self._sampler = Sampler(likes, negatives=config.negatives, shares=_SHARES)
        rest = [value for name, value in network.named_parameters() if not name.startswith("items.")]
        items = [network.items.weight]
        kind = torch.optim.SparseAdam if network.items.sparse else torch.optim.Adam
        self._optimizers: list[torch.optim.Optimizer] = [torch.optim.Adam(rest), kind(items)]

    def learn(self, sequences: Sequences, rng: np.random.Generator) -> float:
        """One pass; the mean of its batches' losses."""
        self._network.train()
        config, losses = self._config, []
        for windows in batches(
            sequences, length=config.length, size=config.batch_windows, most=config.most_windows, rng=rng
        ):
            if not windows.counts.any():
                continue
            loss = self._loss(windows, rng)
            for optimizer in self._optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = self._rate()
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in self._optimizers:
                optimizer.step()
            self._step += 1
            losses.append(loss.item())
        return float(np.mean(losses)) if losses else 0.0

    def _rate(self) -> float:
        warm = min(1.0, (self._step + 1) / _WARM_UP_STEPS)
        return self._config.learning_rate * warm * (1 - (1 - _LAST_RATE) * self._step / self._steps)

    def _loss(self, windows: Windows, rng: np.random.Generator) -> Tensor:
        """Softmax over the items that compete, each less by how likely it was drawn (Bengio, Senécal 2008; Yi et al.
        2019)."""
        counted = windows.counts > 0
        wanted, counts = windows.follows[counted], torch.from_numpy(windows.counts[counted])
        competing = self._sampler.draw(wanted, hard=_NOTHING, shown=_NOTHING, rng=rng)
        states = self._network(torch.from_numpy(windows.read))[torch.from_numpy(counted)]
        logits = states @ self._network.items(torch.from_numpy(competing.items)).T
        columns = torch.from_numpy(np.searchsorted(competing.items, wanted))
        losses = functional.cross_entropy(
            logits - torch.from_numpy(competing.log_q), columns, reduction="none"
        )
        return (losses * counts).sum() / counts.sum()

"""The towers' settings, frozen: two runs with the same data, settings and seed give the same vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from retrieval.encoder import Pooling
from retrieval.types import RetrievalError

STARTS = ("random", "spectrum")
HOLDOUTS = ("newest", "time")
LOSS_NAMES = (
    "sampled_softmax",
    "given_negatives",
    "contrastive",
    "cosine_contrastive",
    "triplet",
    "calibrated_bce",
)


class InvalidTowerConfig(RetrievalError):
    """A setting that the towers don't have, or a value that it can't take."""


@dataclass(frozen=True, slots=True)
class NegativeShares:
    """How many of a batch's drawn negatives come from where; the sum is what counts as 1.

    The batch's own items always compete with each other. Where the catalogue is no larger than the number of
    negatives, all of it competes and nothing is drawn.
    """

    uniform: float = 1.0
    popularity: float = 0.0  # in proportion to the root of an item's likes (word2vec's smoothing, power 0.5)
    hard: float = 0.0  # what the towers rank first for the batch's users and they don't have
    impressions: float = 0.0  # what the batch's users were shown and did not engage with
    walk: float = 0.0  # what walks from the batch's targets visit at middling ranks: near, but not nearest


@dataclass(frozen=True, slots=True)
class TowerConfig:
    dim: int = 128
    seed: int = 7
    start: str = "random"  # or "spectrum": singular vectors, which suit large data without much content
    epochs: int = 40  # 0: the start is what serves
    patience: int = 5  # validations without gain before training stops
    batch_users: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    loss: str = "sampled_softmax"  # one of LOSS_NAMES, found in losses.py
    temperature: float = 0.1
    learn_temperature: bool = False
    log_frequency: float = 1.0  # share of the correction for how likely an item was to be drawn
    margin: float = 0.4  # of cosines, in the losses that have one
    negative_weight: float = 8.0  # in cosine_contrastive
    calibration: float = 0.75  # in calibrated_bce: 0 plain cross entropy, 1 fully calibrated
    id_dropout: float = 0.1  # share of items that are placed by content alone in a batch
    popularity_buckets: bool = False  # a vector for each power of two of an item's likes, dropped with its id
    history_share: float = 0.7  # of a user's events that is read; the rest is to be found
    newcomer_share: float = (
        0.2  # of a batch's users, of whom only the first events are read: so newcomers are served
    )
    newcomer_events: int = 11  # at most so many of these; what follows is to be found
    history_limit: int = 500  # newest events of a user that are read
    negatives: int = 4096  # items drawn per batch; the whole catalogue where it is smaller
    negative_shares: NegativeShares = field(default_factory=NegativeShares)
    walk_first_rank: int = (
        200  # of what walks from a target visit, which the share `walk` draws from; what they
    )
    walk_last_rank: int = 500  # visit more often is too likely to be liked
    walk_passes: int = 5  # until the share `walk` is whole: none in the first pass, then evenly more
    neighbors: int = 0  # whose vectors an item's is mixed with: those that walks from it visit most (PinSage)
    tasks: Mapping[str, float] = field(
        default_factory=dict
    )  # weight of each type of event to be found; below 0:
    # ranked below what is to be found; without any, all types above 0 are found together by their own weights
    hour: bool = False  # of the day (UTC) in the user's vector
    user_ids: bool = (
        False  # a vector for each user on top of her history; the artifact grows by dim * 4 bytes each
    )
    user_id_dropout: float = 0.5  # share of a batch's users that are known by their history alone
    example_age: bool = (
        False  # how long before the data's end an example was; served as 0 (Covington et al. 2016)
    )
    max_tokens: int = 50_000  # of content that have a vector: the most frequent ones
    holdout: str = "newest"  # of each user's events, or "time": the newest of all
    validation_share: float = 0.1
    pooling: Pooling = field(default_factory=Pooling)

    def __post_init__(self) -> None:
        _one_of("start", self.start, STARTS)
        _one_of("loss", self.loss, LOSS_NAMES)
        _one_of("holdout", self.holdout, HOLDOUTS)
        if self.dim < 2:
            raise InvalidTowerConfig(f"dim is {self.dim}: give at least 2.")
        if self.neighbors < 0:
            raise InvalidTowerConfig(f"neighbors is {self.neighbors}: give 0 or more.")
        if not 0 < self.walk_first_rank <= self.walk_last_rank:
            ranks = f"{self.walk_first_rank} to {self.walk_last_rank}"
            raise InvalidTowerConfig(
                f"walk_first_rank to walk_last_rank is {ranks}: give 1 or more, ascending."
            )
        # Read from a version's settings, which hold whatever JSON does.
        given: Any = self.tasks
        if not (
            isinstance(given, Mapping) and all(isinstance(weight, int | float) for weight in given.values())
        ):
            raise InvalidTowerConfig(f"tasks are {self.tasks!r}: give a number for each type of event.")
        if self.tasks and not any(weight > 0 for weight in self.tasks.values()):
            raise InvalidTowerConfig(f"tasks are {dict(self.tasks)}: give at least one a weight above 0.")
        if not self.temperature > 0:
            raise InvalidTowerConfig(f"temperature is {self.temperature}: give a number above 0.")

    @classmethod
    def for_data(cls, n_events: int, *, exact: bool) -> Self:
        """Settings that fit data of this size. exact: whether all items are compared with a user when serving."""
        if n_events < 200_000:
            return cls()
        if exact:
            # Gradients need dozens of passes to come near what the spectrum gives at once, and made it no better.
            return cls(start="spectrum", epochs=0)
        # A graph finds few of the spectrum's neighbors: all its items look alike to each other, and no user to them.
        return cls(epochs=10)

    def overridden(self, settings: Mapping[str, Any]) -> Self:
        """These settings with those of a version in their place; `pooling` and `negative_shares` are objects of their
        own. Raises InvalidTowerConfig."""
        known = {each.name for each in fields(self)}
        if unknown := sorted(set(settings) - known):
            raise InvalidTowerConfig(f"The towers have no setting {unknown[0]!r}; they have {sorted(known)}.")
        values = dict(settings)
        for name in ("pooling", "negative_shares"):
            if isinstance(values.get(name), Mapping):
                values[name] = _replaced(name, getattr(self, name), values[name])
        return replace(self, **values)


def _replaced(name: str, part: Any, settings: Mapping[str, Any]) -> Any:
    try:
        return replace(part, **settings)
    except TypeError as error:
        raise InvalidTowerConfig(f"{name}: {error}") from error


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidTowerConfig(f"{name} is {value!r}: give one of {', '.join(allowed)}.")

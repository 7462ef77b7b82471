"""The product measured from outside: its own offline path, then its own request path, once per user, by one process per
core."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from django.core.management import call_command
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.datasets import DataSet
from benchmarks.loading import load
from catalog.models import Item
from coldstart import demographics
from retrieval import toplists, trending
from retrieval.batch import answers, available_processes, in_chunks, spread
from retrieval.evaluation.metrics import Ranking
from retrieval.mixes import DEFAULT_BODY, create_revision
from retrieval.offline import pipeline
from retrieval.types import Ids, Request

_PATIENCE_MS = 10_000
DIM = 128
# Set per data set like the baselines' factors: many items and nothing but ids to tell them apart want more.
DIMS = {"gowalla": 512}
# Some data lives on them, other pays for them in vain: a tuner is told to try them.
BESIDE = ("trending", "fresh", "co_watch", "neighbors", "random_walks")
# Measured as well; of chance or of the moment, there is nothing to learn for a tuner.
MEASURED = (*BESIDE, "interest_clusters", "rising", "long_tail", "fresh_follows")
# As it stands in the default mix to see what it would add: no stronger than its weakest.
_ADDED = {"quota": 200, "weight": 0.1}


@dataclass(frozen=True)
class Asked:
    """What the product answered: `ranking`, and for each place the source that alone proposed the item ("" where
    several did)."""

    ranking: Ranking  # [n_users, depth]
    only_by: NDArray[np.str_]  # [n_users, depth]
    per_second: float
    degraded: int  # answers that something was missing from; figures with any are not to be trusted


@dataclass
class Product:
    """The product with a data set inside, as of the data's cutoff."""

    data: DataSet
    seconds: dict[str, float] = field(default_factory=dict)
    version: int = 0  # the model version that it built
    mix: int = 0  # revision of the default mix
    _plain: int = 0
    _rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _ids: Ids = field(default_factory=lambda: np.empty(0, np.int64))

    def prepare(self) -> None:
        """Migrates, loads, builds and promotes a version; publishes nothing, but knows two mixes by number."""
        call_command("migrate", verbosity=0)
        with self._timed("load"):
            load(self.data)
        with self._timed("offline"):
            self.version = pipeline.start(
                self.data.cutoff, dim=DIMS.get(self.data.name, DIM), config={"sequence": {}}
            )
            pipeline.run(self.version)
        with self._timed("rebuild"):
            toplists.rebuild(self.data.cutoff)
            trending.rebuild(self.data.cutoff)
            demographics.rebuild(self.data.cutoff)
        self.mix = create_revision(patient(DEFAULT_BODY), note="As shipped, without haste.").number
        plain = {**patient(DEFAULT_BODY), "caps": {}, "fill": []}
        self._plain = create_revision(plain, note="For a source alone: nothing reorders it.").number
        self._learn_ids()

    def default_sources(self) -> list[str]:
        return [slot["name"] for slot in DEFAULT_BODY["sources"]]

    def source_names(self) -> list[str]:
        """Those of the default mix, and those beside it."""
        return [*self.default_sources(), *MEASURED]

    def merged(self, users: NDArray[np.int64], *, depth: int, revision: int | None = None) -> Asked:
        """The answers of a mix, by default the default one, for these rows of users."""
        return self._ask(users, depth, sources=(), revision=revision or self.mix)

    def alone(self, source: str, users: NDArray[np.int64], *, depth: int) -> Asked:
        """The answers of one source alone."""
        return self._ask(users, depth, sources=(source,), revision=self._plain, title=source)

    def beside(self, source: str, users: NDArray[np.int64], *, depth: int) -> Asked:
        """The answers of the default mix with this source added, and little weight on it."""
        body = {**DEFAULT_BODY, "sources": [*DEFAULT_BODY["sources"], {"name": source, **_ADDED}]}
        revision = create_revision(patient(body), note=f"As shipped, and {source}.").number
        return self._ask(users, depth, sources=(), revision=revision, title=f"with {source}")

    def without(self, source: str, users: NDArray[np.int64], *, depth: int) -> Asked:
        """The answers of the default mix as it would be if there were no such source."""
        left = [slot for slot in DEFAULT_BODY["sources"] if slot["name"] != source]
        body = {
            **DEFAULT_BODY,
            "sources": left,
            "fill": [name for name in DEFAULT_BODY["fill"] if name != source],
        }
        revision = create_revision(patient(body), note=f"As shipped, but without {source}.").number
        return self._ask(users, depth, sources=(), revision=revision, title=f"without {source}")

    def _ask(
        self,
        users: NDArray[np.int64],
        depth: int,
        *,
        sources: tuple[str, ...],
        revision: int,
        title: str = "merged",
    ) -> Asked:
        request = Request(
            user="",
            k=depth,
            now=self.data.cutoff,
            sources=sources,
            mix_revision=revision,
            deadline_ms=10 * _PATIENCE_MS,
            use_cache=False,
        )
        ranking = np.full((len(users), depth), -1, np.int32)
        only_by = np.full((len(users), depth), "", "U40")
        degraded = place = 0
        started = time.perf_counter()
        chunks = list(in_chunks(self.data.user_ids[users].tolist()))
        answered = spread(partial(_answer, request=request), chunks, processes=available_processes())
        for lists in track(answered, total=len(chunks), description=title):
            for item_ids, alone, incomplete in lists:
                n = len(item_ids)
                ranking[place, :n] = self._rows[np.searchsorted(self._ids, item_ids)]
                only_by[place, :n] = alone
                degraded += incomplete
                place += 1
        return Asked(ranking, only_by, len(users) / (time.perf_counter() - started), degraded)

    def _learn_ids(self) -> None:
        """Internal ids, ascending, and the row of the data set's items that each stands for."""
        pairs = np.array(list(Item.objects.order_by("id").values_list("id", "external_id")), "U64")
        self._ids = pairs[:, 0].astype(np.int64)
        self._rows = np.searchsorted(self.data.item_ids, pairs[:, 1])

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - started


def _answer(users: list[str], request: Request) -> list[tuple[Ids, NDArray[np.str_], bool]]:
    """Of each user the candidates' internal ids, who alone proposed each, and whether something is missing."""
    return [
        (answer.pool.item_ids, _only_by(answer.pool.ranks, answer.pool.sources), bool(answer.degraded))
        for answer in answers(users, request)
    ]


def patient(body: dict[str, Any]) -> dict[str, Any]:
    """The mix with deadlines that nothing misses: what is measured is quality, on a machine that is busy."""
    return {**body, "sources": [{**slot, "limit_ms": _PATIENCE_MS} for slot in body["sources"]]}


def _only_by(ranks: NDArray[np.int32], sources: tuple[str, ...]) -> NDArray[np.str_]:
    """The name of the only source of each candidate, "" where there are several."""
    proposed = ranks > 0
    names = np.array([*sources, ""])
    return names[np.where(proposed.sum(axis=1) == 1, proposed.argmax(axis=1), len(sources))]

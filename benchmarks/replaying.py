"""The replay of a data set: simple rules in memory, then the product on its own ingest and request path."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rich.progress import track

from benchmarks.datasets import DataSet, read_table
from benchmarks.quality import Measured
from benchmarks.replay_baselines import RULES, ReplayEvents, ranks
from catalog.events import Event
from catalog.partitions import ensure_partitions_for
from retrieval import toplists, trending
from retrieval.evaluation import slices
from retrieval.evaluation.replay import Chore, Moment, replay
from retrieval.offline.new_items import embed_new_items
from retrieval.types import Request

DEPTHS = (20, 100, 500)
_DEADLINE_MS = 100_000


def has_replay(data: DataSet) -> bool:
    return path_of(data).exists()


def read_replay(data: DataSet) -> tuple[ReplayEvents, list[Event]]:
    """The same events twice: as arrays for the rules, as events for the product."""
    table = read_table(path_of(data))
    users, user_index = np.unique(np.asarray(table["user_id"].to_pylist()), return_inverse=True)
    items, item_index = np.unique(np.asarray(table["item_id"].to_pylist()), return_inverse=True)
    types = np.asarray(table["type"].to_pylist(), np.str_)
    at_s = table["occurred_at"].cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
    counted = table["counted"].to_numpy() > 0
    events = [
        Event(f"replay-{row}", str(users[user]), str(items[item]), str(kind), None, None, _moment(at))
        for row, (user, item, kind, at) in enumerate(zip(user_index, item_index, types, at_s, strict=True))
    ]
    return ReplayEvents(user_index, item_index, types, at_s, counted), events


def first_requests(events: ReplayEvents, requests: int | None) -> ReplayEvents:
    """The replay up to its request of that number; all of it where there are not more."""
    counted = np.flatnonzero(events.counted)
    if requests is None or requests >= len(counted):
        return events
    end = int(counted[requests - 1]) + 1
    return ReplayEvents(
        events.user_index[:end],
        events.item_index[:end],
        events.types[:end],
        events.occurred_at_s[:end],
        events.counted[:end],
    )


def rules(events: ReplayEvents) -> list[Measured]:
    return [_measured("baseline", name, ranks(rule, events), events) for name, rule in RULES.items()]


def product(
    data: DataSet, events: ReplayEvents, everything: list[Event], *, mixes: Mapping[str, int]
) -> tuple[list[Measured], float]:
    """The figures of each of the mixes (case -> revision), asked one after the other at each moment, and requests a
    second. The product holds train already: what comes after it is replayed."""
    rest = np.flatnonzero(events.occurred_at_s > data.train.occurred_at_s.max())
    ensure_partitions_for({_moment(at_s).replace(day=1) for at_s in events.occurred_at_s[rest].tolist()})
    requests = [
        Request(
            user="",
            k=max(DEPTHS),
            now=data.cutoff,
            mix_revision=revision,
            use_cache=False,
            deadline_ms=_DEADLINE_MS,
        )
        for revision in mixes.values()
    ]
    total = int(events.counted[rest].sum())
    started = time.perf_counter()
    replies = replay(_moments(events, everything, rest), requests, chores=chores())
    found = [[reply.rank for reply in each] for each in track(replies, total=total, description="replay")]
    per_second = total * len(mixes) / (time.perf_counter() - started)
    ranks_of = dict(zip(mixes, np.array(found, np.int64).reshape(-1, len(mixes)).T, strict=True))
    return [_measured("merged", case, ranks, events) for case, ranks in ranks_of.items()], per_second


def chores() -> list[Chore]:
    return [
        Chore(embed_new_items, every=dt.timedelta(minutes=30), for_new_items=True),
        Chore(toplists.rebuild, every=dt.timedelta(hours=12)),
        # Ingest moves it with every event; between two rebuilds only old items stay that a rebuild would drop.
        Chore(trending.rebuild, every=dt.timedelta(days=1)),
    ]


def _moments(events: ReplayEvents, everything: list[Event], rows: NDArray[np.int64]) -> Iterator[Moment]:
    for row in rows.tolist():
        yield Moment(everything[row], _moment(int(events.occurred_at_s[row])), bool(events.counted[row]))


def _measured(suite: str, case: str, found: NDArray[np.int64], events: ReplayEvents) -> Measured:
    """With one item to find, recall is the share of requests that found it; in parts, by how long the item had been
    there and by how much the user had done. found: [counted], the ranks."""
    values: dict[str, float] = {}
    counts: dict[str, int] = {}
    parts = (
        (slices.FRESHNESS, slices.FRESHNESS.of(events.item_ages_s())),
        (slices.HISTORY, slices.HISTORY.of(events.histories())),
    )
    for k in DEPTHS:
        hits = ((found > 0) & (found <= k)).astype(np.float64)
        values[f"replay_recall@{k}"] = float(hits.mean())
        for buckets, bucket in parts:
            for share in slices.means(hits, bucket, buckets):
                values[f"replay_recall@{k}/{buckets.name}/{share.label}"] = share.value
                counts[f"replay_recall@{k}/{buckets.name}/{share.label}"] = share.n
    return Measured(suite, case, values, counts)


def _moment(at_s: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(at_s), dt.UTC)


def path_of(data: DataSet) -> Path:
    return data.folder / "replay.csv.gz"

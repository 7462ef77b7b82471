"""Writing: events beside a bare COPY of the same rows, a catalogue's import with its vectors beside a bare COPY:
`python -m benchmarks.bench.ingest FIGURES [ITEMS]`, in the environment of `stores`, in a database that is made anew."""

import argparse
import datetime as dt
import gc
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402, TID251  where the stores have their data
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.bench.build import Estimate  # noqa: E402
from benchmarks.bench.copying import copy_in  # noqa: E402
from benchmarks.bench.machine import with_cpu  # noqa: E402
from benchmarks.bench.people import event_types, make_people, what_next  # noqa: E402
from benchmarks.bench.stocking import event_columns, stock  # noqa: E402
from benchmarks.bench.versions import index_progress, item_tower  # noqa: E402
from benchmarks.bench.world import DIM, Items, Shelf, make_items  # noqa: E402
from benchmarks.figures import Figure, write_json_lines  # noqa: E402
from catalog.events import Event  # noqa: E402
from catalog.models import Item  # noqa: E402
from catalog.sql import cursor  # noqa: E402
from retrieval import trending  # noqa: E402
from retrieval.ingest import ingest  # noqa: E402
from retrieval.offline import vectors_table  # noqa: E402
from retrieval.offline.content import from_content, read_items  # noqa: E402

_T = TypeVar("_T")
_ITEMS, _USERS = 10_000, 3_000
_BATCHES, _PER_BATCH = 9, 10_000
_EMBED_AT_ONCE = 5_000
_VECTORS = "bench_vectors"
_NAMES = {1: "view", 2: "click", 3: "like", 4: "share", 5: "purchase", 6: "follow", 7: "dislike"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", type=Path)
    parser.add_argument("items", type=int, nargs="?", default=50_000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    chance = np.random.default_rng(8)
    now = dt.datetime.now(dt.UTC)
    items = make_items(_ITEMS, chance)
    people = make_people(_USERS, items, chance)
    stock(items, people, now, lambda _stage, _share: None)
    trending.rebuild(now)
    # As a web process does once it has loaded everything (`recsys_site.wsgi`).
    gc.collect()
    gc.freeze()
    write_json_lines(
        [*_events(items, people.tastes, now, chance), *_import(options.items, now)], options.figures
    )


def _events(items: Items, tastes: Any, now: dt.datetime, chance: np.random.Generator) -> list[Figure]:
    """In turns: batches through the front door, and the same rows into the same table by COPY, taken out again."""
    shelf, n = Shelf.of(items), _PER_BATCH
    ours, copied = _Turns(), _Turns()
    for batch in range(_BATCHES + 1):
        user = np.minimum(chance.zipf(1.3, n), _USERS) - 1
        item = shelf.draw(what_next(tastes, user, chance), chance)
        kind = event_types(n, chance)
        at_s = int(now.timestamp()) - chance.integers(0, 3600, n)
        columns = event_columns(user, item, kind, at_s, prefix=f"copy{batch}-")
        with cursor() as raw:
            copied.take(lambda: copy_in(raw, "catalog_interaction", columns))  # noqa: B023  run at once
            raw.execute("DELETE FROM catalog_interaction WHERE event_id LIKE 'copy%'")
        events = [
            Event(
                f"b{batch}-{row}", f"user-{u + 1:08}", f"item-{i + 1:08}", _NAMES[k], None, None, _moment(s)
            )
            for row, (u, i, k, s) in enumerate(
                zip(user.tolist(), item.tolist(), kind.tolist(), at_s.tolist(), strict=True)
            )
        ]
        results = ours.take(lambda: ingest(events, now=now))  # noqa: B023
        refused = [result for result in results if result.status != "accepted"]
        if refused:
            raise RuntimeError(f"{len(refused)} events were not accepted, the first: {refused[0]}")
    # The first of each made plans and pages.
    seconds, bare_seconds = (float(np.median(turns.seconds[1:])) for turns in (ours, copied))
    cpu_ms, bare_cpu_ms = (1000 * float(np.mean(turns.cpu_seconds[1:])) for turns in (ours, copied))
    return [
        Figure("bench", "ingest", "throughput", n / seconds, "events/s", _BATCHES * n, n / bare_seconds),
        Figure("bench", "ingest", "cpu_ms of 10,000", cpu_ms, "ms", _BATCHES * n, bare_cpu_ms),
    ]


@dataclass(slots=True)
class _Turns:
    """Of each run the seconds that it took, and those of CPU: of this process, of Postgres and of Valkey."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def take(self, run: Callable[[], _T]) -> _T:
        folder = Path(settings.VAR_DIR).parent

        def timed() -> tuple[_T, float, float]:
            own_s, began = time.process_time(), time.perf_counter()
            result = run()
            return result, time.perf_counter() - began, time.process_time() - own_s

        (result, seconds, own_s), stores_s = with_cpu(timed, folder)
        self.seconds.append(seconds)
        self.cpu_seconds.append(stores_s + own_s)
        return result


def _import(n: int, now: dt.datetime) -> list[Figure]:
    """A file of new items through `import_data`, then vectors from their content, COPY and index."""
    chance = np.random.default_rng(9)
    items = make_items(n, chance)
    tower = item_tower(items)
    say = Estimate(n)
    stages: dict[str, float] = {}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.jsonl"
        with path.open("w") as file:
            for row in range(n):
                file.write(json.dumps(_described(items, row, now)) + "\n")
        say("items", 0.0)
        began = time.perf_counter()
        call_command("import_data", "items", str(path), stdout=open(os.devnull, "w"))  # noqa: SIM115
    stages["rows"] = time.perf_counter() - began
    ids = np.array(
        list(Item.objects.filter(external_id__startswith="new-").order_by("id").values_list("id", flat=True))
    )
    vectors_table.create(_VECTORS, DIM)
    began = time.perf_counter()
    for start in range(0, len(ids), _EMBED_AT_ONCE):
        say("vectors", start / n)
        made = from_content(tower, read_items(ids[start : start + _EMBED_AT_ONCE]))
        vectors_table.copy_in(_VECTORS, made.item_ids, made.vectors, made.history)
    stages["embed and COPY"] = time.perf_counter() - began
    began = time.perf_counter()
    with index_progress(say):
        vectors_table.build_index(_VECTORS)
    stages["index"] = time.perf_counter() - began
    bare_s = _bare_items(ids)
    return [
        Figure("bench", "import", "throughput", n / sum(stages.values()), "items/s", n, n / bare_s),
        *(
            Figure("bench", "import", f"throughput of {name}", n / s, "items/s", n)
            for name, s in stages.items()
        ),
    ]


def _bare_items(ids: "np.ndarray[Any, np.dtype[np.int64]]") -> float:
    """Seconds of a bare COPY of the same rows, and of their vectors, into tables that have their indexes but HNSW."""
    with cursor() as raw, tempfile.TemporaryFile() as rows, tempfile.TemporaryFile() as vectors:
        some = f"id >= {int(ids[0])} AND id <= {int(ids[-1])}"
        for query, file in (
            (f"SELECT * FROM catalog_item WHERE {some}", rows),
            (f"SELECT * FROM {_VECTORS}", vectors),
        ):
            with raw.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as out:
                for block in out:
                    file.write(block)
            file.seek(0)
        raw.execute(f"DELETE FROM catalog_item WHERE {some}")
        raw.execute(f"DROP INDEX {_VECTORS}_hnsw")
        raw.execute(f"TRUNCATE {_VECTORS}")
        began = time.perf_counter()
        for table, file in (("catalog_item", rows), (_VECTORS, vectors)):
            with raw.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as into:
                while block := file.read(1 << 20):
                    into.write(block)
        return time.perf_counter() - began


def _described(items: Items, row: int, now: dt.datetime) -> dict[str, Any]:
    published = now - dt.timedelta(days=float(items.age_days[row]))
    return {
        "item_id": f"new-{row:08}",
        "title": f"Story {row} of theme {items.cluster[row]}",
        "category": f"category-{items.category[row]}",
        "tags": sorted({f"tag-{tag}" for tag in items.tags[row].tolist()}),
        "language": "en",
        "creator_id": f"creator-{items.creator[row] + 1}",
        "published_at": published.isoformat(),
    }


def _moment(unix_s: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(unix_s, dt.UTC)


if __name__ == "__main__":
    connection.ensure_connection()
    main()

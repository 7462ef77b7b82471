"""One size served and measured: `python -m benchmarks.bench.serve NAME FIGURES`, in the environment of `stores`."""

import argparse
import datetime as dt
import os
from itertools import islice
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
# As in a web process: sources are timed here too, and threads for products this small wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
django.setup()

import numpy as np  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402, TID251  where the stores have their data
from numpy.typing import NDArray  # noqa: E402

from benchmarks.bench.asking import FOUR, K, a_key, await_preloading, paths  # noqa: E402
from benchmarks.bench.cold import cold_figures, measure_cold, user_of  # noqa: E402
from benchmarks.bench.each_source import source_figures  # noqa: E402
from benchmarks.bench.machine import load_now, memory_mb  # noqa: E402
from benchmarks.bench.replay import replay_figures  # noqa: E402
from benchmarks.bench.searches import recall_at, recall_figure  # noqa: E402
from benchmarks.bench.stand_ins import completed  # noqa: E402
from benchmarks.bench.today import bring_up_to_date, tidy  # noqa: E402
from benchmarks.bench.warm import warm_figures  # noqa: E402
from benchmarks.figures import Figure, write_json_lines  # noqa: E402
from benchmarks.servers import SERVERS, serving, serving_product  # noqa: E402
from retrieval import trending  # noqa: E402
from retrieval.config import config  # noqa: E402
from retrieval.mixes import ensure_published  # noqa: E402
from retrieval.versions import live_model  # noqa: E402

_RECALL_AT, _RECALL_QUERIES = 400, 100
_TIMED = 75  # users for whom each source is timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("figures", type=Path)
    parser.add_argument("--replay", action="store_true", help="replay a log of requests too")
    parser.add_argument("--server", choices=[*SERVERS], default="granian")
    options = parser.parse_args()
    folder = Path(settings.VAR_DIR).parent
    now = dt.datetime.now(dt.UTC)
    redis.Redis.from_url(config().redis_url).flushall()
    bring_up_to_date(now)
    tidy()
    trending.rebuild(now)
    ensure_published()
    model = live_model()
    assert model is not None, "the build promotes a model version"
    everybody = paths()
    timed = [user_of(path) for path in islice(everybody, _TIMED)]
    with a_key() as headers, completed(model) as whole:
        with serving_product() as port:
            await_preloading(port)
            cold = measure_cold(port, everybody, headers, folder=folder, model=model, k=K)
            memory = memory_mb(folder)
            figures = cold_figures(f"cold-{options.name}", cold)
            figures += _others(
                options.name, memory, recall_at(_RECALL_AT, cold.searches[:_RECALL_QUERIES], model)
            )
            its_paths = (path + FOUR for path in everybody)
            four = measure_cold(port, its_paths, headers, folder=folder, model=model, k=K)
            figures += cold_figures(f"four-{options.name}", four)
        # In one process, as the bare view beside it.
        with serving("recsys_site.wsgi:application", "/readyz", server=options.server) as port:
            await_preloading(port)
            figures += warm_figures(
                f"warm-{options.name}", port, cold.known, headers, folder=folder, server=options.server
            )
        figures += source_figures(options.name, timed, whole)
    if options.replay:
        figures += replay_figures()
    write_json_lines(figures, options.figures)


def _others(name: str, memory: dict[str, float], recalls: NDArray[np.float64]) -> list[Figure]:
    case = f"cold-{name}"
    return [
        recall_figure(case, f"recall@{_RECALL_AT}", recalls),
        Figure("bench", case, "rss_mb", memory["web"], "MB", 1),
        Figure("bench", case, "rss_mb of Postgres", memory["postgres"], "MB", 1),
        Figure("bench", case, "load", load_now(), "processes", 1),
    ]


if __name__ == "__main__":
    main()

"""One data set: the baselines, then the product's sources alone and merged, with the same users and metrics."""

import argparse
import os
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from rich.console import Console  # noqa: E402

from benchmarks import replaying  # noqa: E402
from benchmarks.baselines import BASELINES  # noqa: E402
from benchmarks.baselines.limits import TooLarge  # noqa: E402
from benchmarks.datasets import DataSet, read_dataset  # noqa: E402
from benchmarks.figures import Figure, write_json_lines  # noqa: E402
from benchmarks.product import Product  # noqa: E402
from benchmarks.quality import DEPTH, Measured, figures, marginal, measure, show  # noqa: E402
from benchmarks.ranking import rank  # noqa: E402

console = Console(width=140)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=["baselines", "product"])
    parser.add_argument("--users", type=int)
    parser.add_argument("--no-replay", action="store_true")
    options = parser.parse_args()
    data = read_dataset(options.folder, most_users=options.users)
    measured: list[Measured] = []
    product = None if options.only == "baselines" else Product(data)
    if options.only != "product":
        measured += _baselines(data)
    if product is not None:
        measured += _product(product)
    title = (
        f"{data.name}: given split, {data.shape[1]:,} items, full ranking, "
        f"{len(data.users):,} users with something to find, as of {data.cutoff:%Y-%m-%d %H:%M}"
    )
    show(measured, title=title)
    _write(figures(measured, n=len(data.users)), data)
    if replaying.has_replay(data) and not options.no_replay:
        _replay(data, product)


def _baselines(data: DataSet) -> list[Measured]:
    measured = []
    for name, fit in BASELINES.items():
        started = time.perf_counter()
        try:
            scorer = fit(data)
        except TooLarge as reason:
            console.print(f"{name}: left out. {reason}")
            continue
        measured.append(measure("baseline", name, rank(scorer, data, depth=DEPTH), data))
        console.print(f"{name}: {time.perf_counter() - started:.1f} s")
    return measured


def _product(product: Product) -> list[Measured]:
    data = product.data
    product.prepare()
    console.print(", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in product.seconds.items()))
    merged = product.merged(data.users, depth=DEPTH)
    console.print(f"merged: {merged.per_second:.0f} users/s")
    measured = []
    degraded = merged.degraded
    for source in product.source_names():
        asked = product.alone(source, data.users, depth=DEPTH)
        alone = measure("source", source, asked.ranking, data)
        lost = marginal(merged.ranking, merged.only_by, source, data)
        measured.append(Measured("source", source, {**alone.values, **lost}))
        degraded += asked.degraded
    if degraded:
        console.print(f"[red]{degraded} answers were degraded: do not trust these figures.[/red]")
    return [*measured, measure("merged", "default", merged.ranking, data)]


def _replay(data: DataSet, product: Product | None) -> None:
    events, everything = replaying.read_replay(data)
    measured = replaying.rules(events)
    if product is not None:
        ours, per_second = replaying.product(data, events, everything, revision=product.mix)
        measured.append(ours)
        console.print(f"replay: {per_second:.0f} requests/s")
    n = int(events.counted.sum())
    shown = [f"replay_recall@{k}" for k in replaying.DEPTHS]
    show(
        measured,
        title=f"{data.name}: replay, {n:,} requests, each knowing only what came before",
        shown=shown,
    )
    _write(figures(measured, n=n), data)


def _write(lines: list[Figure], data: DataSet) -> None:
    if path := os.environ.get("JSON"):
        write_json_lines(lines, Path(path), data=data.name)


if __name__ == "__main__":
    main()

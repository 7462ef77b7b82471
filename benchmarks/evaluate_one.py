"""One data set: the baselines, then the product's sources alone and merged, with the same users and metrics."""

import argparse
import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where a report lies by default
from rich.console import Console  # noqa: E402

from benchmarks import replaying, sessions  # noqa: E402
from benchmarks.baselines import BASELINES  # noqa: E402
from benchmarks.baselines.limits import TooLarge  # noqa: E402
from benchmarks.cold import run as cold  # noqa: E402
from benchmarks.datasets import DataSet, MissingData, read_dataset  # noqa: E402
from benchmarks.figures import Figure, publish, write_json_lines  # noqa: E402
from benchmarks.measuring import Yardstick  # noqa: E402
from benchmarks.product import Product, patient  # noqa: E402
from benchmarks.product_figures import index_figures, measure_product, training_figures  # noqa: E402
from benchmarks.protocols import PROTOCOLS, given  # noqa: E402
from benchmarks.quality import DEPTH, Measured, figures, show  # noqa: E402
from benchmarks.ranking import rank  # noqa: E402
from benchmarks.report import Report, write_report  # noqa: E402
from benchmarks.tuning import tuned_mix, validation_like  # noqa: E402
from benchmarks.worth import carries  # noqa: E402
from retrieval.mixes import create_revision  # noqa: E402
from retrieval.mixes.shipped import FRESH_BODY  # noqa: E402

console = Console(width=140)


def main() -> None:
    options = _options()
    try:
        data = PROTOCOLS.get(options.protocol, given)(
            read_dataset(options.folder, most_users=options.users or None)
        )
    except MissingData as problem:
        sys.exit(f"No data: {problem}")
    if options.folds:
        cold.run(data, _report_folder(data) / "cold", folds=options.folds)
        return
    if options.protocol == "sessions":
        _sessions(data)
        return
    product = None if options.only == "baselines" else Product(data)
    if product is not None:
        product.prepare()
        console.print(", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in product.seconds.items()))
    report = Report(data)
    replays = replaying.has_replay(data) and options.protocol in ("given", "replay") and not options.no_replay
    # Both before anything is replayed: after that the product knows test.
    validations = [validation_like(data)] if options.protocol != "replay" else []
    validations += ["replay"] if replays else []
    tuned: dict[str, int] = {}
    if product is not None and not options.no_tuning:
        tuned = {one: tuned_mix(product, one, say=console.print) for one in validations}
    if options.protocol != "replay":
        _split(data, product, report, only=options.only, tuned=tuned.get(validations[0]))
    if replays:
        _replay(data, product, report, requests=options.requests, tuned=tuned.get("replay"))
    if product is not None:
        report.learn_of(product)
    folder = _report_folder(data)
    write_report(report, folder)
    console.print(f"Report: {folder / 'index.md'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=["baselines", "product"])
    parser.add_argument("--users", type=int)
    parser.add_argument("--no-replay", action="store_true")
    parser.add_argument("--requests", type=int)
    parser.add_argument("--folds", type=int, nargs="+", help="of cold start, which is measured instead")
    parser.add_argument("--no-tuning", action="store_true")
    parser.add_argument("--protocol", choices=[*PROTOCOLS, "replay", "sessions"], default="given")
    return parser.parse_args()


def _split(
    data: DataSet, product: Product | None, report: Report, *, only: str | None, tuned: int | None
) -> None:
    yardstick = Yardstick(data)
    fitted_s: dict[str, float] = {}
    measured = [] if only == "product" else _baselines(yardstick, fitted_s)
    if product is not None:
        measured += measure_product(product, yardstick, tuned=tuned, say=console.print)
    show(measured, title=report.title)
    if product is not None:
        ours = [one for one in measured if one.suite == "source" and one.case in product.default_sources()]
        dead = [one.case for one in ours if not carries(one)]
        console.print(f"Of the default mix, beyond chance in no part: {', '.join(dead) or 'none'}")
    report.split = measured
    lines = figures(measured, n=len(data.users))
    if product is not None:
        report.index = index_figures(product.version)
        speed = training_figures(product.version, data, bpr_s=fitted_s.get("bpr"))
        publish(speed, title=f"{data.name}: training", to_file=False)
        lines += report.index + speed
    _write(lines, data, protocol=data.protocol)


def _baselines(yardstick: Yardstick, fitted_s: dict[str, float]) -> list[Measured]:
    """fitted_s: is told how long each took to learn."""
    data = yardstick.data
    measured = []
    for name, fit in BASELINES.items():
        started = time.perf_counter()
        try:
            scorer = fit(data)
        except TooLarge as reason:
            console.print(f"{name}: left out. {reason}")
            continue
        fitted_s[name] = time.perf_counter() - started
        measured.append(yardstick.measure("baseline", name, rank(scorer, data, depth=DEPTH)))
        console.print(f"{name}: {time.perf_counter() - started:.1f} s")
    return measured


def _replay(
    data: DataSet, product: Product | None, report: Report, *, requests: int | None, tuned: int | None
) -> None:
    events, everything = replaying.read_replay(data)
    events = replaying.first_requests(events, requests)
    report.replay = replaying.rules(events)
    if product is not None:
        fresh = create_revision(patient(FRESH_BODY), note="For news, without haste.").number
        mixes = {"default": product.mix, "fresh": fresh} | ({"tuned": tuned} if tuned else {})
        ours, per_second = replaying.product(data, events, everything, mixes=mixes)
        report.replay += ours
        product.seconds["replay"] = len(mixes) * int(events.counted.sum()) / per_second
        console.print(f"replay: {per_second:.1f} requests/s")
    n = int(events.counted.sum())
    shown = [f"replay_recall@{k}" for k in replaying.DEPTHS]
    title = f"{data.name}: replay, {n:,} requests, each knowing only what came before"
    show(report.replay, title=title, shown=shown)
    _write(figures(report.replay, n=n), data, protocol="replay")


def _sessions(data: DataSet) -> None:
    product = Product(data)
    product.prepare()
    try:
        n, measured = sessions.measure(data)
    except MissingData as problem:
        sys.exit(f"No data: {problem}")
    title = f"{data.name}: {n:,} sessions of nobody known, after {sessions.SHOWN} items"
    show(measured, title=title, shown=[f"session_recall@{k}" for k in sessions.DEPTHS])
    _write(figures(measured, n=n), data, protocol="sessions")


def _report_folder(data: DataSet) -> Path:
    """`REPORT`/<data set>, else a folder beside the data set's scratch files."""
    if given_folder := os.environ.get("REPORT"):
        return Path(given_folder) / data.name
    return Path(settings.VAR_DIR) / "report"


def _write(lines: list[Figure], data: DataSet, *, protocol: str) -> None:
    if path := os.environ.get("JSON"):
        write_json_lines(lines, Path(path), data=data.name, protocol=protocol)


if __name__ == "__main__":
    main()

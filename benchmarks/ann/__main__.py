"""`make bench-ann [ARGS="--items 1000000"]`: pgvector beside FAISS, ScaNN, USearch, Voyager and Annoy.

The same vectors and users' queries; one thread a search, one search at a time; each library in a process of its own.
Others than FAISS are in requirements-ann.txt; what is not installed is named in the table.
"""

import argparse
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from django.core.management import call_command

from benchmarks.ann import report
from benchmarks.ann.measuring import LIBRARIES, Measured, measure
from benchmarks.ann.vectors import items, nearest, users
from benchmarks.figures import publish

K = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--only", nargs="+", choices=list(LIBRARIES), default=list(LIBRARIES), metavar="NAME")
    parser.add_argument("--docs", type=Path, help="folder for the picture and the table")
    options = parser.parse_args()
    call_command("services", "start")
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        rows = items(options.items)
        queries = users(rows, options.queries)
        np.save(f"{folder}/rows.npy", rows)
        np.save(f"{folder}/queries.npy", queries)
        np.save(f"{folder}/truth.npy", nearest(rows, queries, K))
        del rows
        measured = [_alone(name, folder) for name in options.only]
    publish(
        report.figures(measured, n=options.items, k=K, queries=options.queries),
        title=f"Nearest {K} of {options.items:,} vectors, at the least effort with recall ≥ {report.TARGET}",
    )
    print(text := report.table(measured, k=K))
    if options.docs:
        title = f"Nearest {K} of {options.items:,} vectors: recall by latency"
        report.picture(measured, options.docs / "vector-search.png", title=title, k=K)
        (options.docs / "vector-search-table.md").write_text(text + "\n")


def _alone(name: str, folder: str) -> Measured:
    """Started anew, not forked: what another library left in memory must not count."""
    print(f"{name} …", flush=True)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, name, folder, K).result()


if __name__ == "__main__":
    main()

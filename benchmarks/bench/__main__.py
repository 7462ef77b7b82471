"""`make bench`: catalogues of 10 thousand, 100 thousand and 1 million items, served through the real stack, beside
floors measured in the same run. `make bench-10m` adds 10 million.

Client, server, Postgres and Valkey share this machine's cores: the ratios count, not the milliseconds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402, TID251  where data lies

from benchmarks.bench import stores  # noqa: E402
from benchmarks.bench.machine import description  # noqa: E402
from benchmarks.bench.report import read_figures, write_markdown  # noqa: E402
from benchmarks.figures import publish  # noqa: E402
from benchmarks.servers import SERVERS  # noqa: E402

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
_QUICK = "10k,100k,1m"
_BY_ENGINE = "1m"  # where FAISS is measured too
_REPLAYED = "100k"  # small enough to be computed in time, large enough to be searched by the index


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=_QUICK, help=f"of {', '.join(SIZES)}, by commas")
    parser.add_argument("--server", choices=[*SERVERS], default="granian")
    parser.add_argument("--no-writes", action="store_true", help="leave ingest and import out")
    parser.add_argument("--imported", type=int, default=50_000, help="items of the import")
    parser.add_argument("--keep-running", action="store_true", help="leave the bench's servers running")
    options = parser.parse_args()
    sizes = options.sizes.split(",")
    if unknown := set(sizes) - set(SIZES):
        parser.error(f"--sizes: {', '.join(sorted(unknown))}: use {', '.join(SIZES)}")
    folder = stores.bench_folder(Path(settings.VAR_DIR))
    folder.mkdir(parents=True, exist_ok=True)
    stores.start(folder)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "figures.jsonl"
            for name in sizes:
                _serve(folder, name, file, options.server)
            if not options.no_writes:
                _write(folder, options.imported, file)
            figures = read_figures(file)
    finally:
        if not options.keep_running:
            stores.stop(folder)
    publish(figures, title=description())
    written = write_markdown(figures, folder / "performance.md", description())
    print(f"The same as Markdown: {written}")


def _serve(folder: Path, name: str, file: Path, server: str) -> None:
    """Built where there is none yet, then measured."""
    environment = stores.environment(folder, name)
    if not stores.is_made(folder, name):
        stores.make_empty(folder, name)
        _run("build", str(SIZES[name]), environment=environment)
        stores.mark_made(folder, name)
    more = ["--replay"] if name == _REPLAYED else []
    _run("serve", name, str(file), *more, "--server", server, environment=environment)
    if name == _BY_ENGINE:
        _run("engines", name, str(file), environment=environment)


def _write(folder: Path, items: int, file: Path) -> None:
    stores.make_empty(folder, "writes")
    _run("ingest", str(file), str(items), environment=stores.environment(folder, "writes"))
    stores.drop(folder, "writes")


def _run(module: str, *arguments: str, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", f"benchmarks.bench.{module}", *arguments], env=environment, check=True
    )


if __name__ == "__main__":
    main()

"""`python -m benchmarks.pages`: milliseconds of every page of the console with a million items and ten million events.

On a copy of the bench's database of a million items, which is built where there is none, with the events, impressions,
roll-ups and the experiment that the pages are about. It stays for the next run.
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
from benchmarks.bench.machine import description, load_now  # noqa: E402
from benchmarks.bench.report import read_figures  # noqa: E402
from benchmarks.figures import Figure, publish  # noqa: E402
from benchmarks.pages.report import write_markdown  # noqa: E402

_CATALOGUE, _ITEMS, _NAME, _CASE = "1m", 1_000_000, "pages", "pages-1m"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pages whose address has this in it")
    parser.add_argument("--keep-running", action="store_true", help="leave the bench's servers running")
    options = parser.parse_args()
    folder = stores.bench_folder(Path(settings.VAR_DIR))
    folder.mkdir(parents=True, exist_ok=True)
    stores.start(folder)
    try:
        _make(folder)
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "figures.jsonl"
            _run(folder, "pages.timing", _CASE, str(file), "--only", options.only)
            figures = [*read_figures(file), Figure("bench", _CASE, "load", load_now(), "processes", 1)]
    finally:
        if not options.keep_running:
            stores.stop(folder)
    publish(figures, title=description())
    print(f"The same as Markdown: {write_markdown(figures, folder / 'pages.md', description())}")


def _make(folder: Path) -> None:
    """An older database will do: migrations are applied before anything is timed."""
    if stores.is_there(folder, _NAME):
        return
    if not stores.is_there(folder, _CATALOGUE):
        stores.make_empty(folder, _CATALOGUE)
        _run(folder, "bench.build", str(_ITEMS), name=_CATALOGUE)
        stores.mark_made(folder, _CATALOGUE)
    stores.copy(folder, _CATALOGUE, _NAME)
    _run(folder, "pages.stocking")
    stores.mark_made(folder, _NAME)


def _run(folder: Path, module: str, *arguments: str, name: str = _NAME) -> None:
    # What lies beside the database is the catalogue's.
    environment = {**stores.environment(folder, name), "VAR_DIR": str(folder / _CATALOGUE)}
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], env=environment, check=True)


if __name__ == "__main__":
    main()

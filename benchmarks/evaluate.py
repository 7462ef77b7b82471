"""`make evaluate DATA=folder [JSON=path] [REPORT=folder] [COLD=1 [FOLDS=5]]`: us beside the classics.

DATA is a data set (a folder with train.csv.gz and test.csv.gz) or a folder of data sets. Each one is evaluated by a
process of its own, in a database of its own.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from benchmarks.cold.people import tenths  # noqa: E402
from benchmarks.protocols import PROTOCOLS  # noqa: E402
from benchmarks.scratch import scratch_environment  # noqa: E402

# So that all data sets together take an hour on two cores. The figures say how many users they are means over.
MOST_USERS = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "data", nargs="?", default=os.environ.get("DATA", ""), help="default: the variable DATA"
    )
    parser.add_argument("--only", choices=["baselines", "product"], help="half of the work")
    parser.add_argument(
        "--users",
        type=int,
        default=MOST_USERS,
        help="measure a sample of this many users, the same for every case; 0: all; default: %(default)s",
    )
    parser.add_argument("--no-replay", action="store_true", help="leave the replay of all events out")
    parser.add_argument("--no-tuning", action="store_true", help="leave the tuned mix out")
    parser.add_argument("--requests", type=int, help="replay only this many requests; default: all")
    parser.add_argument(
        "--protocol",
        choices=[*PROTOCOLS, "replay", "sessions"],
        default="given",
        help="how events are split; replay, sessions: nothing else but these",
    )
    parser.add_argument(
        "--cold",
        action="store_true",
        default=os.environ.get("COLD", "0") not in ("", "0"),
        help="cold start instead: people and items held out from training; default: the variable COLD",
    )
    parser.add_argument(
        "--folds",
        type=tenths,
        default=os.environ.get("FOLDS", "1"),
        help="which tenths of the people --cold holds out, one after the other: 5 for the first five, 6-10 for the "
        "others; default: the variable FOLDS, else 1",
    )
    options = parser.parse_args()
    failed = 0
    for folder in _folders(options.data):
        command = [sys.executable, "-m", "benchmarks.evaluate_one", str(folder)]
        command += ["--only", options.only] if options.only else []
        command += ["--users", str(options.users)]
        command += ["--no-replay"] if options.no_replay else []
        command += ["--no-tuning"] if options.no_tuning else []
        command += ["--requests", str(options.requests)] if options.requests else []
        command += ["--protocol", options.protocol]
        command += ["--folds", *map(str, options.folds)] if options.cold else []
        failed += subprocess.run(command, env=scratch_environment(folder.name), check=False).returncode != 0
    sys.exit(1 if failed else 0)


def _folders(given: str) -> list[Path]:
    """The data sets that `given` names. Ends the run with what is missing where there are none."""
    if not given:
        sys.exit("No data: name a data set, or a folder of them, as in `make evaluate DATA=folder`.")
    folder = Path(given).resolve()
    candidates = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]
    found = [
        path for path in candidates if (path / "train.csv.gz").exists() and (path / "test.csv.gz").exists()
    ]
    if not found:
        sys.exit(f"No data: neither {folder} nor a folder in it has train.csv.gz and test.csv.gz.")
    return found


if __name__ == "__main__":
    main()
